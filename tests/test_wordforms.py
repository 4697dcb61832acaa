"""Words as a dictionary lists them, and what no dictionary can be asked about."""

import pytest

from bot.wordforms import dictionary_forms, is_listed, words_of


def test_a_form_is_found_under_its_dictionary_form() -> None:
    assert [word.lemma for word in words_of("о тарифах на ремонт")] == [
        "о",
        "тариф",
        "на",
        "ремонт",
    ]
    assert set(dictionary_forms("стали")) == {"сталь", "стать"}
    assert is_listed("гарантия")


@pytest.mark.parametrize("strange", ["\U00017853æ", "à\U00017000ц", "一", "x" * 41])
def test_what_no_dictionary_lists_is_a_word_of_its_own(strange: str) -> None:
    """pymorphy3 asks for the name of a letter, and Python knows none of a Tangut one."""
    assert [(word.text, word.part) for word in words_of(strange)] == [(strange, "")]
    assert len(dictionary_forms(strange)) == 1
    assert not is_listed(strange)
