import torch

from ravetui.engine.model.discriminator import Discriminator
from ravetui.runs.model_spec import ModelSpec


def test_features_of_each_scale() -> None:
    torch.manual_seed(0)
    spec = ModelSpec(channels=2, discriminator_capacity=4, discriminator_layers=3, discriminator_scales=2)
    features = Discriminator(spec)(torch.randn(3, 2, 4096))
    shapes = [[tuple(layer.shape) for layer in scale] for scale in features]
    assert shapes == [
        [(3, 4, 1024), (3, 8, 256), (3, 16, 64), (3, 1, 64)],
        [(3, 4, 512), (3, 8, 128), (3, 16, 32), (3, 1, 32)],
    ]


def test_batch_items_are_judged_each_for_itself() -> None:
    torch.manual_seed(0)
    discriminator = Discriminator(ModelSpec(discriminator_capacity=4))
    real, fake = torch.randn(2, 1, 4096), torch.randn(2, 1, 4096)
    both = discriminator(torch.cat([real, fake]))
    for scale, (ours, theirs) in enumerate(zip(discriminator(real), discriminator(fake), strict=True)):
        torch.testing.assert_close(both[scale][-1], torch.cat([ours[-1], theirs[-1]]))


def test_features_are_not_rectified() -> None:
    torch.manual_seed(0)
    for scale in Discriminator(ModelSpec(discriminator_capacity=4))(torch.randn(2, 1, 8192)):
        for layer in scale[:-1]:
            assert layer.min() < -0.5 * layer.max()


def test_a_period_discriminator_compares_samples_a_period_apart() -> None:
    """Its score in a column hears that column's samples alone."""
    torch.manual_seed(0)
    spec = ModelSpec(
        discriminator_capacity=4, discriminator_layers=2, discriminator_periods=(3,), discriminator_scales=1
    )
    x = torch.randn(1, 1, 1000, requires_grad=True)
    features = Discriminator(spec)(x)
    assert [tuple(layer.shape) for layer in features[0]] == [(1, 4, 84, 3), (1, 8, 21, 3), (1, 1, 21, 3)]
    features[0][-1][0, 0, :, 1].sum().backward()
    assert x.grad is not None
    heard = x.grad[0, 0].nonzero().flatten()
    assert set((heard % 3).tolist()) == {1}
    assert len(heard) > 300


def test_periods_come_before_scales() -> None:
    spec = ModelSpec(discriminator_capacity=4, discriminator_periods=(2, 5))
    shapes = [layers[-1].shape for layers in Discriminator(spec)(torch.randn(2, 1, 4096))]
    assert [len(shape) for shape in shapes] == [4, 4, 3, 3, 3]
    assert [shape[-1] for shape in shapes[:2]] == [2, 5]
