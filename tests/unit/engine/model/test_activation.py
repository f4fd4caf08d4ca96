import math

import pytest
import torch
from torch import nn

from ravetui.engine.model.activation import Snake, activation


def test_snake_is_its_formula_with_an_alpha_a_channel() -> None:
    snake = Snake(2)
    with torch.no_grad():
        snake.alpha.copy_(torch.tensor([[0.5], [3.0]]))
    x = torch.tensor([[[0.0, 1.0, -2.0], [0.0, 1.0, -2.0]]])
    for row, alpha in zip(snake(x)[0].tolist(), (0.5, 3.0), strict=True):
        assert row == pytest.approx([v + math.sin(alpha * v) ** 2 / alpha for v in (0.0, 1.0, -2.0)], rel=1e-5)


def test_names() -> None:
    assert isinstance(activation("leaky_relu", 3), nn.LeakyReLU)
    assert isinstance(activation("snake", 3), Snake)
    with pytest.raises(ValueError, match="unknown activation 'relu'"):
        activation("relu", 3)
