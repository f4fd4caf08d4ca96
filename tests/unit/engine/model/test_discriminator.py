import torch

from ravetui.engine.model.discriminator import Discriminator
from ravetui.runs.spec import ModelSpec


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
