package org.caprl.core.generate;

import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.TextLm;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.nn.Rope;
import org.caprl.core.nn.WeightType;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;

/** A two-layer text model with random weights on the backend under test, and prompts for it. */
final class TinyModel implements AutoCloseable {
    static final int VOCAB = 61;
    final TensorOps ops;
    final TextLm model;

    TinyModel(String backend) {
        this(backend, null);
    }

    TinyModel(String backend, Adapters adapters) {
        ops = Backends.open(backend, 2).ops();
        TextConfig config = new TextConfig(VOCAB, 32, 48, 2, 4, 2, 8, 1e-6f, true, true, false, true, true, -1, 8192,
                Rope.text(8, 10000));
        model = new TextLm("tiny", config, new Params(ops, new RandomWeights(7, 0.3), WeightType.FLOAT32, adapters));
    }

    /** Every backend that {@code auto} would take, and the reference. */
    static List<String> backends() {
        return Backends.providers().stream().filter(p -> p.probe().works()).map(p -> p.name()).toList();
    }

    static Prompt prompt(int seed, int length) {
        int[] ids = IntStream.range(0, length).map(i -> CounterRandom.below(CounterRandom.key(seed), i, VOCAB)).toArray();
        return Prompt.text("p" + seed, ids);
    }

    static long[] keys(int sample, int count) {
        return IntStream.range(0, count).mapToLong(i -> CounterRandom.key(1, sample, i)).toArray();
    }

    BatchGenerator generator(int rows, int pageRows) {
        return new BatchGenerator(model, ops, (ids, from, to) -> letters(ids, from, to),
                new GeneratorLimits(rows, 4096, pageRows, 64, "rollout.kv_rows"));
    }

    /** Token i as one character, so that a test can name texts. */
    static String letters(int[] ids, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append((char) ('0' + ids[i]));
        }
        return text.toString();
    }

    @Override
    public void close() {
        model.close();
        ops.close();
    }
}
