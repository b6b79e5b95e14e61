package org.caprl.core.data.synth;

import java.util.Comparator;
import java.util.List;
import org.caprl.core.data.Fact;

/**
 * A chart of three or four bars with different labels and different values, so that there is one highest and one lowest.
 *
 * @param bars from left to right
 */
public record ChartScene(List<Bar> bars) implements Scene {
    /** The labels; in the image each is its initial. None begins with a letter that could be an option's. */
    public static final List<String> LABELS = List.of("tea", "milk", "rice", "salt", "lime", "oats");
    /** The largest value; the smallest is 1. */
    public static final int MAX_VALUE = 9;
    /** Subject of the facts about the whole chart. */
    public static final String CHART = "chart";

    /** One bar. */
    public record Bar(String label, int value) {
    }

    /** @throws IllegalArgumentException if labels or values repeat or are not of the world */
    public ChartScene {
        bars = List.copyOf(bars);
        int n = bars.size();
        if (n < 3 || n > 4 || bars.stream().map(Bar::label).distinct().count() < n 
                || bars.stream().mapToInt(Bar::value).distinct().count() < n
                || !bars.stream().allMatch(bar -> LABELS.contains(bar.label()) && bar.value() >= 1 && bar.value() <= MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "a chart has 3 or 4 bars with different labels of " + LABELS + " and different values 1 to 9, got " + bars);
        }
    }

    @Override
    public List<List<Fact>> mentions() {
        return bars.stream().map(bar -> List.of(new Fact(bar.label(), "value", String.valueOf(bar.value())))).toList();
    }

    @Override
    public List<Fact> closing() {
        Comparator<Bar> byValue = Comparator.comparingInt(Bar::value);
        return List.of(new Fact(CHART, "highest", bars.stream().max(byValue).orElseThrow().label()),
                new Fact(CHART, "lowest", bars.stream().min(byValue).orElseThrow().label()));
    }

    @Override
    public String dataSource() {
        return "charts";
    }
}
