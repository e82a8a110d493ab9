#!/usr/bin/env bash
# `MultiheadAttention` lists the linear layer `out_proj` among its modules, but passes that layer's weights to a function and
# never calls the layer. Hooks on it do not run: a recorder records nothing, and a hook that knocks the output out has no
# effect, without an error. torchvision's vision transformers consist of this module.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
venv/bin/python - <<'EOF'
import sys

import torch

torch.manual_seed(0)
attention = torch.nn.MultiheadAttention(8, num_heads=2, batch_first=True).eval()
tokens = torch.randn(1, 5, 8)
calls = []


def knock_out(module, inputs, output):
    calls.append(module)
    return torch.zeros_like(output)


with torch.no_grad():
    plain, _ = attention(tokens, tokens, tokens)
    handle = attention.out_proj.register_forward_hook(knock_out)
    hooked, _ = attention(tokens, tokens, tokens)
    handle.remove()
    attention.out_proj.weight.zero_()
    attention.out_proj.bias.zero_()
    zeroed, _ = attention(tokens, tokens, tokens)

seen = len(calls), float(hooked.abs().max()) == 0, float(zeroed.abs().max()) == 0
print(f"torch {torch.__version__}")
print("expected: a hook that returns zeros for out_proj, the last layer, makes the result zero, as zero weights do")
print("seen:     {} calls of the hook; result zero with the hook: {}, with zero weights: {}".format(*seen))
sys.exit(seen != (0, False, True) or not torch.equal(plain, hooked) or "out_proj" not in dict(attention.named_modules()))
EOF
