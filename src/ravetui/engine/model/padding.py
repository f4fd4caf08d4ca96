"""Where a convolution looks for what it hears: around its frame, or only before it."""


def padding(kernel_size: int, dilation: int = 1, *, causal: bool) -> tuple[int, int]:
    """Zeros before and after the input with which a convolution gives ``frames / stride`` frames, as the reference's.

    An even kernel that is not causal hears one frame more after than before.
    """
    total = (kernel_size - 1) * dilation
    return (total, 0) if causal else (total // 2, total - total // 2)


def upsampling_padding(ratio: int) -> tuple[int, int]:
    """``padding`` and ``output_padding`` of a transposed convolution of ``2 * ratio`` taps, causal networks' too."""
    return (ratio + 1) // 2, ratio % 2
