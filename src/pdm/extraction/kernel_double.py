"""Numbers of some 32 digits as pairs of floats (high part, low part), for the few sums that 16 digits cannot carry.

Source: T. J. Dekker (1971), A floating-point technique for extending the available precision, Numerische Mathematik 18, 224-242.
"""

from __future__ import annotations

from pdm.extraction.kernel_sums import Floats, Number, compiled

_SPLIT = 134217729.0


@compiled
def sum_of(a: Number, b: Number) -> Number:
    """The sum of two floats, exactly."""
    high = a + b
    part = high - a
    return high, (a - (high - part)) + (b - part)


@compiled
def product_of(a: Number, b: Number) -> Number:
    """The product of two floats, exactly."""
    high = a * b
    t = _SPLIT * a
    a_high = t - (t - a)
    t = _SPLIT * b
    b_high = t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return high, ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low


@compiled
def add(a: Number, a_low: Number, b: Number, b_low: Number) -> Number:
    """The sum of two pairs."""
    high, low = sum_of(a, b)
    t, t_low = sum_of(a_low, b_low)
    high, low = sum_of(high, low + t)
    return sum_of(high, low + t_low)


@compiled
def multiply(a: Number, a_low: Number, b: Number, b_low: Number) -> Number:
    """The product of two pairs."""
    high, low = product_of(a, b)
    return sum_of(high, low + (a * b_low + a_low * b))


@compiled
def divide(a: Number, a_low: Number, b: Number, b_low: Number) -> Number:
    """The quotient of two pairs."""
    q = a / b
    t, t_low = multiply(q, 0.0, b, b_low)
    rest, rest_low = add(a, a_low, -t, -t_low)
    r = rest / b
    t, t_low = multiply(r, 0.0, b, b_low)
    rest, _ = add(rest, rest_low, -t, -t_low)
    high, low = sum_of(q, r)
    return sum_of(high, low + rest / b)


@compiled
def solve_pairs(system: Floats, count: Number) -> Number:
    """Solve a symmetric positive definite system in place: `system[row, column, part]`, its right side in the column after the last.

    Returns the least pivot as a share of the greatest; the answer stands where the right side stood.
    """
    least, most = 0.0, 0.0
    for i in range(count):
        pivot = system[i, i, 0]
        most = max(most, pivot)
        least = pivot if i == 0 else min(least, pivot)
        if pivot <= 0.0:
            return 0.0
        for k in range(i + 1, count):
            f, f_low = divide(system[k, i, 0], system[k, i, 1], pivot, system[i, i, 1])
            for c in range(i, count + 1):
                t, t_low = multiply(f, f_low, system[i, c, 0], system[i, c, 1])
                system[k, c, 0], system[k, c, 1] = add(system[k, c, 0], system[k, c, 1], -t, -t_low)
    for i in range(count - 1, -1, -1):
        high, low = system[i, count, 0], system[i, count, 1]
        for c in range(i + 1, count):
            t, t_low = multiply(system[i, c, 0], system[i, c, 1], system[c, count, 0], system[c, count, 1])
            high, low = add(high, low, -t, -t_low)
        system[i, count, 0], system[i, count, 1] = divide(high, low, system[i, i, 0], system[i, i, 1])
    return least / most
