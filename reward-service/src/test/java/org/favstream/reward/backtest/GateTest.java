// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
  private static final BacktestResult RESULT =
      new BacktestResult(
          100,
          2,
          0.01,
          0.5,
          0.4,
          -0.25,
          2,
          0.9,
          -0.5,
          new BacktestResult.Histogram(List.of(), List.of(), List.of()));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "rank>=0.5",
        "rank<=0.5",
        "rank > 0.49 , rank < 0.51",
        "rank-within>=0.4",
        "mean-shift>-1,mean-shift<0",
        "std-ratio<=2",
        "grad-cosine>.8",
        "grad-cosine-q05<-4e-1",
        "non-finite<=0.01",
      })
  void shouldPassWhatMeetsAllConditions(String text) {
    Gate.Verdict verdict = Gate.parse(text).verdict(RESULT);
    assertThat(verdict.passed()).isTrue();
    assertThat(verdict).hasToString("passed");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank>0.5",
        "rank<0.5",
        "rank>=0.51",
        "rank<=0.49",
        "rank-within>0.4",
        "mean-shift>0",
        "std-ratio<2",
        "grad-cosine>=0.95",
        "grad-cosine-q05>=0",
        "non-finite<=0"
      })
  void shouldFailWhatDoesNot(String text) {
    assertThat(Gate.parse("rank>=0," + text).verdict(RESULT).failures()).hasSize(1);
  }

  @Test
  void shouldNameEachFailedConditionWithItsValue() {
    Gate gate = Gate.parse("rank>=0.8, std-ratio<=3, grad-cosine-q05>=0");
    Gate.Verdict verdict = gate.verdict(RESULT);
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict)
        .hasToString("rank is 0.5, expected >=0.8; grad-cosine-q05 is -0.5, expected >=0.0");
    assertThat(verdict.failures()).extracting(Gate.Failure::value).containsExactly(0.5, -0.5);
    assertThat(gate).hasToString("rank>=0.8,std-ratio<=3.0,grad-cosine-q05>=0.0");
    assertThat(Gate.parse(gate.toString())).isEqualTo(gate);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rank",
        "rank-within",
        "mean-shift",
        "std-ratio",
        "grad-cosine",
        "grad-cosine-q05",
        "non-finite"
      })
  void shouldNeverPassAFigureThatCouldNotBeHad(String metric) {
    BacktestResult nothing = new Backtest().result();
    for (String operator : List.of(">=", "<=", ">", "<")) {
      Gate.Verdict verdict = Gate.parse(metric + operator + "0").verdict(nothing);
      assertThat(verdict.passed()).describedAs(operator).isFalse();
      assertThat(verdict).hasToString(metric + " is NaN, expected " + operator + "0.0");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "luck>=1 | got metric 'luck', expected one of rank, rank-within, mean-shift, std-ratio,"
            + " grad-cosine, grad-cosine-q05, non-finite",
        "Rank>=1 | got metric 'Rank'",
        ">=1 | got metric ''",
        "rank>=0,,rank<1 | '': got metric ''",
        "rank==1 | got operator '==', expected one of >=, <=, >, <",
        "rank=>1 | got operator '=>'",
        "rank 1 | got operator ''",
        "rank | got operator ''",
        "rank>= | got '', expected a number",
        "rank>=high | 'rank>=high': got 'high', expected a number",
        "rank>=NaN | rank>=NaN: expected a finite number",
        "rank>=1e999 | rank>=Infinity: expected a finite number",
      })
  void shouldNameWhatThereIsWhenAConditionIsNone(String text, String expected) {
    assertThatThrownBy(() -> Gate.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gate: ")
        .hasMessageContaining(expected);
  }
}
