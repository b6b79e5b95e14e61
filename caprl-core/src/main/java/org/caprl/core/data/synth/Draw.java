package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.random.CounterRandom;

/** A sequence of random choices under one key: the counter is the number of choices made so far. */
final class Draw {
    private final long key;
    private long counter;

    Draw(long key) {
        this.key = key;
    }

    int below(int bound) {
        return CounterRandom.below(key, counter++, bound);
    }

    /** Uniform in {@code from}, …, {@code to}, both included. */
    int between(int from, int to) {
        return from + below(to - from + 1);
    }

    double between(double from, double to) {
        return from + (to - from) * CounterRandom.uniform(key, counter++);
    }

    boolean chance(double probability) {
        return CounterRandom.uniform(key, counter++) < probability;
    }

    <T> T pick(List<T> items) {
        return items.get(below(items.size()));
    }

    <T> T pickOther(List<T> items, T not) {
        return pick(items.stream().filter(item -> !item.equals(not)).toList());
    }

    /** {@code count} different items in random order. */
    <T> List<T> sample(List<T> items, int count) {
        List<T> rest = new ArrayList<>(items);
        List<T> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(rest.remove(below(rest.size())));
        }
        return taken;
    }
}
