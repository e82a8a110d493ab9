"""A convolution with one output channel, much faster than library kernels, which are tuned for many channels.

Forward: one matrix product gives every tap's term at every position; the terms are shifted by their tap and summed.
Backward: the library's transposed convolution, which is fast for one channel.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

aten = torch.ops.aten


def row_convolution(x: Tensor, weight: Tensor, bias: Tensor | None, padding: tuple[int, int]) -> Tensor:
    """Compute ``conv2d(x, weight, bias, stride=1, padding=padding)`` for a weight with one output channel.

    Args:
        x: ``(N, C, H, W)``, fastest in channels-last layout.
        weight: ``(1, C, h, w)``.
        bias: ``(1,)`` or ``None``.
        padding: rows and columns of zeros on each side.

    Returns:
        ``(N, 1, H + 2·p − h + 1, W + 2·q − w + 1)``. Only ``x`` is differentiated.
    """
    if x.device.type != "cpu":
        return torch.nn.functional.conv2d(x, weight, bias, padding=padding)
    result: Tensor = _RowConvolution.apply(x, weight, bias, padding)
    return result


class _RowConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, padding: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.padding = padding
        (n, c, height, width), (h, w), (p, q) = x.shape, weight.shape[2:], padding
        taps = weight.reshape(c, h * w).t() @ x.permute(0, 2, 3, 1).reshape(-1, c).t()
        shares = taps.view(h, w, n, height, width)
        result = x.new_zeros(n, height + 2 * p - h + 1, width + 2 * q - w + 1)
        for i in range(h):
            for j in range(w):
                rows, columns = _overlap(i - p, height, result.shape[1]), _overlap(j - q, width, result.shape[2])
                if rows and columns:
                    result[:, rows[0], columns[0]] += shares[i, j, :, rows[1], columns[1]]
        return (result if bias is None else result + bias).unsqueeze(1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        (gradient,) = gradients
        arguments = ([1, 1], list(ctx.padding), [1, 1], False, [0, 0], 1, [True, False, False])
        (into_x, _, _) = aten.convolution_backward.default(gradient.contiguous(), x, weight, None, *arguments)
        return into_x, None, None, None


def _overlap(shift: int, size: int, result: int) -> tuple[slice, slice] | None:
    """Return the slices of the result and of ``x`` for which ``result[k]`` reads ``x[k + shift]``, or ``None``."""
    first, last = max(0, -shift), min(result, size - shift)
    return (slice(first, last), slice(first + shift, last + shift)) if first < last else None
