"""The convolution with one output channel, compared with the library's own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from neurflow.network.row_convolution import row_convolution


@given(
    n=st.integers(1, 3),
    c=st.integers(1, 5),
    height=st.integers(1, 7),
    width=st.integers(1, 7),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    biased=st.booleans(),
    channels_last=st.booleans(),
    seed=st.integers(0, 99),
)
def test_result_and_gradient_equal_conv2d_s(
    n: int,
    c: int,
    height: int,
    width: int,
    kernel: tuple[int, int],
    padding: tuple[int, int],
    biased: bool,
    channels_last: bool,
    seed: int,
) -> None:
    if height + 2 * padding[0] < kernel[0] or width + 2 * padding[1] < kernel[1]:
        return
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, c, height, width, generator=generator, dtype=torch.float64)
    x = (x.contiguous(memory_format=torch.channels_last) if channels_last else x).requires_grad_()
    weight = torch.randn(1, c, *kernel, generator=generator, dtype=torch.float64)
    bias = torch.randn(1, generator=generator, dtype=torch.float64) if biased else None
    expected = conv2d(x, weight, bias, padding=padding)
    got = row_convolution(x, weight, bias, padding)
    torch.testing.assert_close(got, expected)
    upstream = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(*(torch.autograd.grad(y, x, upstream)[0] for y in (got, expected)))


@pytest.mark.parametrize("seed", range(3), ids=lambda seed: f"seed{seed}")
def test_single_precision_is_as_accurate_as_conv2d(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 64, 12, 12, generator=generator)
    weight = torch.randn(1, 64, 3, 3, generator=generator)
    truth = conv2d(x.double(), weight.double(), padding=1)
    error = (row_convolution(x, weight, None, (1, 1)) - truth).abs().max()
    assert error <= 4 * (conv2d(x, weight, padding=1) - truth).abs().max() + 1e-6
