"""What the page says of calibration windows: too few positives, and probabilities that do not add up to them."""


def window(fold, positives, ratio, *, off=False):
    return {"fold": fold, "positives": positives, "expected": ratio * positives, "ratio": ratio, "off": off}


def test_a_model_off_its_level_is_said_fold_by_fold(make_facts, render):
    plain = make_facts(models=2)
    plain["models"][0]["calibrated_on"] = [
        window(0, 40, 2.5, off=True),
        window(1, 50, 1.1),
        window(2, 30, 0.4, off=True),
    ]
    plain["models"][1]["calibrated_on"] = [window(0, 40, 1.0)]
    words = render(plain, "calibration").words
    assert (
        "logistic_regression is not at its level: for every positive of the calibration window it expected 2.50 in "
        "fold 0, 0.40 in fold 2. What decides by expected cost is off by as much."
    ) in words
    assert "xgboost is not at its level" not in words


def test_calibrators_name_the_positives_that_they_were_fitted_on(make_facts, render):
    plain = make_facts(models=2)
    calibrated = next(model for model in plain["models"] if model["calibration"]["kind"] != "none")
    calibrated["calibrated_on"] = [window(0, 1240, 1.0), window(1, 990, 1.0)]
    said = f"Positives that calibrators were fitted on, by fold: {calibrated['name']} 1,240, 990."
    words = render(plain, "calibration").words
    assert said in words
    assert "a map is a guess" not in words
    calibrated["calibrated_on"][1]["positives"] = 19
    assert "1,240, 19. Below 20 a map is a guess." in render(plain, "calibration").words


def test_facts_without_calibration_windows_say_nothing(make_facts, render):
    words = render(make_facts(models=2), "calibration").words
    assert "level" not in words
    assert "Positives that calibrators" not in words
