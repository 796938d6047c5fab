"""Size classes: worked examples, and agreement with the Recommendation taken literally."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trebbo.engine.state_aid.size import Size, size_class

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("headcount", "turnover", "balance", "expected"),
    [
        ("9.6", "1900000", None, Size.MICRO),
        ("9.99", "2000000", None, Size.MICRO),
        ("10.0", "1900000", None, Size.SMALL),
        ("9", "2000000.01", "2000000", Size.MICRO),
        ("9", "2000000.01", "2000000.01", Size.SMALL),
        ("49.5", "10000000", "99000000", Size.SMALL),
        ("50", "1", "1", Size.MEDIUM),
        ("249", "60000000", "40000000", Size.MEDIUM),
        ("249", "50000000.01", "43000000", Size.MEDIUM),
        ("249", "50000000.01", "43000000.01", Size.LARGE),
        ("250", "1", "1", Size.LARGE),
        ("300", None, None, Size.LARGE),
    ],
)
def test_worked_examples(
    headcount: str, turnover: str | None, balance: str | None, expected: Size
) -> None:
    found = size_class(
        Decimal(headcount),
        None if turnover is None else Decimal(turnover),
        None if balance is None else Decimal(balance),
    )
    assert found is expected


@pytest.mark.parametrize(
    ("headcount", "turnover", "balance"),
    [("9", None, None), ("9", "3000000", None), ("100", None, "44000000")],
)
def test_says_nothing_where_the_missing_figure_decides(
    headcount: str, turnover: str | None, balance: str | None
) -> None:
    figures = [None if text is None else Decimal(text) for text in (turnover, balance)]
    assert size_class(Decimal(headcount), *figures) is None


@pytest.mark.parametrize("figures", [(-1, 0, 0), (1, -1, 0), (1, 0, -1)])
def test_refuses_figures_below_zero(figures: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="below zero"):
        size_class(*(Decimal(figure) for figure in figures))


def literal(headcount: Decimal, turnover: Decimal, balance: Decimal) -> Size:
    """Article 2, paragraph by paragraph: the category of SMEs, then small, then micro within it."""
    sme = headcount < 250 and not (turnover > 50 * MILLION and balance > 43 * MILLION)
    if not sme:
        return Size.LARGE
    small = headcount < 50 and min(turnover, balance) <= 10 * MILLION
    if not small:
        return Size.MEDIUM
    micro = headcount < 10 and min(turnover, balance) <= 2 * MILLION
    return Size.MICRO if micro else Size.SMALL


people = st.one_of(
    st.sampled_from([Decimal(n) for n in ("9.99", "10", "49.99", "50", "249.99", "250")]),
    st.decimals(0, 400, places=2),
)
money = st.one_of(
    st.sampled_from(
        [Decimal(n * MILLION) + cent for n in (2, 10, 43, 50) for cent in (0, Decimal("0.01"))]
    ),
    st.decimals(0, 80 * MILLION, places=2),
)


@given(people, money, money)
def test_agrees_with_the_text_taken_literally(
    headcount: Decimal, turnover: Decimal, balance: Decimal
) -> None:
    assert size_class(headcount, turnover, balance) is literal(headcount, turnover, balance)


@given(people, money, money)
def test_an_answer_with_a_figure_missing_holds_whatever_the_figure_is(
    headcount: Decimal, turnover: Decimal, balance: Decimal
) -> None:
    known = size_class(headcount, turnover, None)
    assert known is None or known is literal(headcount, turnover, balance)
