"""What every calculator says, in words, and what becomes of a channel's unit.

`{x}` stands for a parameter, `{x:percent}` for a share in per cent; `{title}` for the channel where it does not come last.
A key is a calculator, or a calculator with the value of the parameter that chooses among its outputs (`linear_trend.slope`).
"""

from __future__ import annotations

from collections.abc import Mapping

UNIT, SQUARED, CUBED, PER_STEP, PER_STEP_2 = "unit", "squared", "cubed", "per step", "per step²"
PER_HOUR, PER_NATIVE, DENSITY, CONDENSED, CONDENSED_2 = "per hour", "per native", "density", "condensed", "condensed²"
DRIFT, DEGREES, LINES, LINES_2, NONE = "drift", "degrees", "lines", "lines²", ""

_CHOOSERS = ("attr", "aggtype", "f_agg", "normalize", "coeff")
"""Parameters that choose among the outputs of a calculator, the most telling first."""

WORDS: Mapping[str, tuple[str, str]] = {
    # level and spread
    "sum_values": ("sum of", UNIT),
    "median": ("median of", UNIT),
    "mean": ("mean of", UNIT),
    "length": ("number of readings of", NONE),
    "standard_deviation": ("standard deviation of", UNIT),
    "variance": ("variance of", SQUARED),
    "root_mean_square": ("root mean square of", UNIT),
    "maximum": ("maximum of", UNIT),
    "minimum": ("minimum of", UNIT),
    "absolute_maximum": ("largest absolute value of", UNIT),
    "mean_n_absolute_max": ("mean of the {number_of_maxima} largest absolute values of", UNIT),
    "quantile": ("{q:percent} quantile of", UNIT),
    "abs_energy": ("sum of squares of", SQUARED),
    "variation_coefficient": ("relative spread of", NONE),
    "skewness": ("skewness of", NONE),
    "kurtosis": ("kurtosis (weight of the tails) of", NONE),
    "variance_larger_than_standard_deviation": ("whether the variance exceeds the standard deviation of", NONE),
    "large_standard_deviation": ("whether the standard deviation exceeds {r:percent} of the range of", NONE),
    "symmetry_looking": ("whether mean and median differ by less than {r:percent} of the range of", NONE),
    "ratio_beyond_r_sigma": ("share of readings beyond {r} standard deviations of", NONE),
    "time_weighted_mean": ("mean over time of", UNIT),
    "time_weighted_variance": ("variance over time of", SQUARED),
    "time_weighted_standard_deviation": ("standard deviation over time of", UNIT),
    "time_weighted_root_mean_square": ("root mean square over time of", UNIT),
    "time_weighted_count_above": ("share of time at or above {t} of", NONE),
    "time_weighted_count_below": ("share of time at or below {t} of", NONE),
    # counts and places
    "count_above_mean": ("number of readings above their mean of", NONE),
    "count_below_mean": ("number of readings below their mean of", NONE),
    "count_above": ("share of readings at or above {t} of", NONE),
    "count_below": ("share of readings at or below {t} of", NONE),
    "range_count": ("number of readings from {min} to below {max} of", NONE),
    "value_count": ("number of readings equal to {value} of", NONE),
    "number_crossing_m": ("number of crossings of {m} by", NONE),
    "number_peaks": ("number of peaks above {n} neighbours on either side of", NONE),
    "number_cwt_peaks": ("number of peaks that show at all widths up to {n} of", NONE),
    "longest_strike_above_mean": ("longest run of readings above the mean of", NONE),
    "longest_strike_below_mean": ("longest run of readings below the mean of", NONE),
    "first_location_of_maximum": ("where the first maximum lies in the window (0 to 1), of", NONE),
    "last_location_of_maximum": ("where the last maximum lies in the window (0 to 1), of", NONE),
    "first_location_of_minimum": ("where the first minimum lies in the window (0 to 1), of", NONE),
    "last_location_of_minimum": ("where the last minimum lies in the window (0 to 1), of", NONE),
    "index_mass_quantile": ("where {q:percent} of the absolute values lie behind (0 to 1), of", NONE),
    "energy_ratio_by_chunks": (
        "share of the sum of squares in part {segment_focus} of {num_segments} (from 0), of",
        NONE,
    ),
    "has_duplicate": ("whether a value occurs twice in", NONE),
    "has_duplicate_max": ("whether the maximum occurs twice in", NONE),
    "has_duplicate_min": ("whether the minimum occurs twice in", NONE),
    "percentage_of_reoccurring_values_to_all_values": ("share of different values that occur again in", NONE),
    "percentage_of_reoccurring_datapoints_to_all_datapoints": ("share of readings whose value occurs again in", NONE),
    "sum_of_reoccurring_values": ("sum of the different values that occur again in", UNIT),
    "sum_of_reoccurring_data_points": ("sum of the readings whose value occurs again in", UNIT),
    "ratio_value_number_to_time_series_length": ("different values per reading of", NONE),
    "benford_correlation": ("agreement with Benford's law of leading digits of", NONE),
    "query_similarity_count": ("number of stretches that resemble a given one in", NONE),
    # steps
    "mean_change": ("mean step of", PER_STEP),
    "mean_abs_change": ("mean absolute step of", PER_STEP),
    "absolute_sum_of_changes": ("sum of absolute steps of", UNIT),
    "mean_second_derivative_central": ("mean curvature of", PER_STEP_2),
    "cid_ce.True": ("roughness (length of the standardised line) of", NONE),
    "cid_ce.False": ("roughness (length of the line) of", UNIT),
    "change_quantiles.mean": ("mean {isabs} between the {ql:percent} and {qh:percent} quantiles of", UNIT),
    "change_quantiles.std": (
        "standard deviation of {isabs}s between the {ql:percent} and {qh:percent} quantiles of",
        UNIT,
    ),
    "change_quantiles.var": ("variance of {isabs}s between the {ql:percent} and {qh:percent} quantiles of", SQUARED),
    "c3": ("non-linearity (products of three readings {lag} apart) of", CUBED),
    "time_reversal_asymmetry_statistic": ("difference from itself run backwards (lag {lag}) of", CUBED),
    # memory
    "autocorrelation": ("autocorrelation at lag {lag} of", NONE),
    "partial_autocorrelation": ("autocorrelation at lag {lag}, without that of shorter lags, of", NONE),
    "agg_autocorrelation": ("{f_agg} of the autocorrelations up to lag {maxlag} of", NONE),
    "ar_coefficient": ("weight of the reading {coeff} before in an autoregression over {k} of", NONE),
    "ar_coefficient.0": ("constant in an autoregression over {k} readings of", UNIT),
    "augmented_dickey_fuller.teststat": ("test statistic for wandering off (unit root) of", NONE),
    "augmented_dickey_fuller.pvalue": ("probability that chance alone holds it back (unit root) of", NONE),
    "augmented_dickey_fuller.usedlag": ("lags used by the test for wandering off (unit root) of", NONE),
    "friedrich_coefficients": ("coefficient {coeff} (from the highest of power {m}) of the drift at a level of", DRIFT),
    "max_langevin_fixed_point": ("highest level at which the drift comes to rest of", UNIT),
    # disorder
    "sample_entropy": ("irregularity (sample entropy) of", NONE),
    "approximate_entropy": ("irregularity (approximate entropy of {m} readings, tolerance {r}) of", NONE),
    "binned_entropy": ("disorder over {max_bins} bins of", NONE),
    "permutation_entropy": ("disorder of the order of {dimension} readings, stride {tau}, of", NONE),
    "lempel_ziv_complexity": ("new patterns per reading at {bins} levels (Lempel-Ziv) of", NONE),
    # spectra
    "fourier_entropy": ("disorder of the power spectrum over {bins} bins of", NONE),
    "fft_coefficient.real": ("real part of Fourier line {coeff} of", UNIT),
    "fft_coefficient.imag": ("imaginary part of Fourier line {coeff} of", UNIT),
    "fft_coefficient.abs": ("size of Fourier line {coeff} of", UNIT),
    "fft_coefficient.angle": ("angle of Fourier line {coeff} of", DEGREES),
    "fft_aggregated.centroid": ("centre of the Fourier lines of", LINES),
    "fft_aggregated.variance": ("variance of the Fourier lines about their centre of", LINES_2),
    "fft_aggregated.skew": ("skewness of the Fourier lines about their centre of", NONE),
    "fft_aggregated.kurtosis": ("kurtosis of the Fourier lines, as tsfresh defines it, of", NONE),
    "spkt_welch_density": ("power density at line {coeff} (Welch) of", DENSITY),
    "cwt_coefficients": ("wavelet coefficient at reading {coeff} and width {w} of", UNIT),
    # lines
    "linear_trend.slope": ("slope of", PER_STEP),
    "linear_trend.intercept": ("start of the straight line through", UNIT),
    "linear_trend.rvalue": ("straightness (correlation with time) of", NONE),
    "linear_trend.stderr": ("uncertainty of the slope of", PER_STEP),
    "linear_trend.pvalue": ("probability that chance explains the slope of", NONE),
    "linear_trend_timewise.slope": ("slope against the clock of", PER_HOUR),
    "linear_trend_timewise.intercept": ("start of the straight line against the clock through", UNIT),
    "linear_trend_timewise.rvalue": ("straightness (correlation with the clock) of", NONE),
    "linear_trend_timewise.stderr": ("uncertainty of the slope against the clock of", PER_HOUR),
    "linear_trend_timewise.pvalue": ("probability that chance explains the slope against the clock of", NONE),
    "agg_linear_trend.slope": ("slope of the {f_agg} of each {chunk_len} readings of", CONDENSED),
    "agg_linear_trend.intercept": (
        "start of the line through the {f_agg} of each {chunk_len} readings of",
        CONDENSED_2,
    ),
    "agg_linear_trend.rvalue": ("straightness of the {f_agg} of each {chunk_len} readings of", NONE),
    "agg_linear_trend.stderr": ("uncertainty of the slope of the {f_agg} of each {chunk_len} readings of", CONDENSED),
    "agg_linear_trend.pvalue": (
        "probability that chance explains the slope of the {f_agg} of each {chunk_len} readings of",
        NONE,
    ),
}

VIBRATION: Mapping[str, tuple[str, str]] = {
    "rms": ("level (root mean square) of the vibration of {where}", UNIT),
    "peak": ("largest swing of the vibration of {where}", UNIT),
    "crest": ("crest factor (peak to root mean square) of the vibration of {where}", NONE),
    "kurtosis": ("impulsiveness (kurtosis, 3 for noise) of the vibration of {where}", NONE),
    "centroid": ("mean frequency of the vibration of {where}", "Hz"),
    "velocity_rms": ("vibration velocity of {where}", "mm/s"),
    "velocity_zone": ("zone of the vibration velocity of {where} (0 is A, 3 is D)", NONE),
    "envelope_rms": ("level of the envelope of the vibration of {where}", UNIT),
    "envelope_kurtosis": ("impulsiveness (kurtosis) of the envelope of the vibration of {where}", NONE),
    "envelope_bpfo": ("envelope line of an outer ring fault (BPFO) of {where}", UNIT),
    "envelope_bpfi": ("envelope line of an inner ring fault (BPFI) of {where}", UNIT),
    "envelope_bsf": ("envelope line of a rolling element fault (BSF) of {where}", UNIT),
    "envelope_ftf": ("envelope line of a cage fault (FTF) of {where}", UNIT),
    "age": ("age of the vibration snapshot of {where}", PER_NATIVE),
}
"""The same of the features of a vibration snapshot; a unit of its own stands as it is."""

SPOKEN = {
    "isabs": {"True": "absolute step", "False": "step"},
    "f_agg": {"max": "maximum", "min": "minimum", "var": "variance", "std": "standard deviation"},
}
"""How values of a parameter are said aloud."""


def words_of(calculator: str, parameters: Mapping[str, str]) -> tuple[str, str] | None:
    """Words and what becomes of the unit; None for a calculator that nobody has put into words.

    >>> words_of("linear_trend", {"attr": "slope"})
    ('slope of', 'per step')
    """
    chosen = (f"{calculator}.{parameters.get(name)}" for name in _CHOOSERS)
    return WORDS.get(next((key for key in chosen if key in WORDS), calculator))


def unit_after(becomes: str, unit: str, parameters: Mapping[str, str], *, per_native: str, per_step: str) -> str:
    """The unit of a feature of a channel in `unit`; empty where there is none.

    per_native: the axis's unit in the singular (`hour`, `cycle`). per_step: the same when readings are one apart, else `reading`.

    >>> unit_after(CONDENSED, "bar", {"f_agg": "var", "chunk_len": "5"}, per_native="hour", per_step="hour")
    'bar² per 5 readings'
    >>> unit_after(DRIFT, "bar", {"m": "3", "coeff": "0"}, per_native="hour", per_step="reading")
    '1 per bar² per reading'
    """
    one = unit or "1"
    squared, cubed = (f"{unit}{power}" if unit else "" for power in "²³")
    condensed = (squared or "1") if parameters.get("f_agg") == "var" else one
    plain = {
        UNIT: unit,
        SQUARED: squared,
        CUBED: cubed,
        PER_STEP: f"{one} per {per_step}",
        PER_STEP_2: f"{one} per {per_step}²",
        PER_HOUR: f"{one} per hour",
        PER_NATIVE: f"{one} per {per_native}",
        DENSITY: f"{squared or '1'} per cycle per reading",
        CONDENSED: f"{condensed} per {parameters.get('chunk_len')} readings",
        CONDENSED_2: condensed if unit else "",
        DEGREES: "degrees",
        LINES: "lines",
        LINES_2: "lines²",
        NONE: "",
    }
    return plain[becomes] if becomes != DRIFT else _drift(unit, parameters, per_step)


def _drift(unit: str, parameters: Mapping[str, str], per_step: str) -> str:
    """A drift (unit per step) divided by the power of the level that the coefficient belongs to."""
    power = int(parameters["m"]) - int(parameters["coeff"])
    if not unit or power == 1:
        return f"1 per {per_step}"
    if power < 1:
        return f"{unit} per {per_step}"
    raised = {2: unit, 3: f"{unit}²", 4: f"{unit}³"}.get(power, f"{unit}^{power - 1}")
    return f"1 per {raised} per {per_step}"
