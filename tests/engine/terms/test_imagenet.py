"""The bundled table of ImageNet's classes, compared with timm's."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset

from neurflow.network.sources.from_timm import _class_names
from neurflow.terms.imagenet import lemmas, short_names, wordnet_ids


def _words(description: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in description.split(",") if word.strip())


def test_the_thousand_classes_equal_timm_s_in_order() -> None:
    info: Any = ImageNetInfo("imagenet-1k")
    assert list(wordnet_ids()) == info.label_names()
    assert list(wordnet_ids().values()) == list(range(1000))
    assert [lemmas(id) for id in wordnet_ids()] == [_words(text) for text in info.label_descriptions()]


@pytest.mark.parametrize("outputs", [11221, 11821, 21841, 21842, 21843])
def test_the_words_for_every_class_of_the_larger_imagenets_equal_timm_s(outputs: int) -> None:
    info: Any = ImageNetInfo(infer_imagenet_subset({"num_classes": outputs}) or "")
    described = info.label_descriptions(as_dict=True)
    assert {id: lemmas(id) for id in described} == {id: _words(text) for id, text in described.items()}
    names = _class_names(outputs)
    assert len(names) == outputs and names == short_names(info.label_names())


def test_only_imagenet_s_numbers_of_outputs_have_names() -> None:
    assert _class_names(7) == ()


def test_an_id_that_imagenet_lacks_has_no_words() -> None:
    assert lemmas("n99999999") == ()


def test_reading_the_table_imports_neither_timm_nor_torch() -> None:
    code = (
        "import sys; from neurflow.terms.class_matching import find_class; "
        "print(find_class('n02123045', ['lynx', 'tabby']), sorted({'timm', 'torch', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter and our own words
    assert result.stdout.strip() == "1 []"
