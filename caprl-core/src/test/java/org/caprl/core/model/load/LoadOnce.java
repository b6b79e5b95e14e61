package org.caprl.core.model.load;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.caprl.core.checkpoint.ShardedWriter;
import org.caprl.core.checkpoint.StoredTensor;
import org.caprl.core.checkpoint.StoredType;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DryOps;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/**
 * A process that loads a checkpoint, {@code load FOLDER TYPE}, and prints the bytes of its weights and the most resident memory that
 * loading added; or that makes one of a Qwen2 text model, {@code make FOLDER HIDDEN LAYERS VOCABULARY TYPE}.
 */
final class LoadOnce {
    private LoadOnce() {
    }

    public static void main(String[] args) throws IOException {
        if (args[0].equals("make")) {
            make(Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]),
                    StoredType.valueOf(args[5]));
            return;
        }
        try (TensorOps ops = Backends.open("cpu", 1).ops()) {
            long before = status("VmRSS");
            long start = System.nanoTime();
            try (CausalLm model = Models.load(Path.of(args[1]), ops, WeightType.valueOf(args[2]))) {
                System.out.printf(Locale.ROOT, "weights %d added %d seconds %.1f%n", model.params().bytes(), status("VmHWM") - before,
                        (System.nanoTime() - start) / 1e9);
            }
        }
    }

    static void make(Path folder, int hidden, int layers, int vocabulary, StoredType type) throws IOException {
        Files.createDirectories(folder);
        ObjectNode config = JsonNodeFactory.instance.objectNode().put("model_type", "qwen2").put("vocab_size", vocabulary)
                .put("hidden_size", hidden).put("intermediate_size", 4 * hidden).put("num_hidden_layers", layers)
                .put("num_attention_heads", hidden / 64).put("num_key_value_heads", 2).put("tie_word_embeddings", true);
        Files.writeString(folder.resolve("config.json"), config.toString());
        WeightSource names = new WeightSource() {
            @Override
            public void fill(String name, Tensor target) {
            }

            @Override
            public boolean has(String name) {
                return true;
            }
        };
        try (DryOps ops = new DryOps();
                CausalLm model = Models.build(config, "config.json", ops, names);
                Arena arena = Arena.ofConfined()) {
            long largest = model.params().values().stream().mapToLong(v -> v.value().size()).max().orElseThrow();
            MemorySegment values = arena.allocate(4 * largest, 64);
            for (long i = 0; i < largest; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 97 * 1e-3f);
            }
            List<StoredTensor> tensors = new ArrayList<>();
            model.params().all().forEach((name, weight) -> tensors.add(new StoredTensor(name, type,
                    Arrays.stream(weight.value().shape()).asLongStream().toArray(), values.asSlice(0, 4 * weight.value().size()))));
            ShardedWriter.write(folder, tensors, 400_000_000);
        }
    }

    /** Bytes of a line of {@code /proc/self/status}. */
    private static long status(String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(key + ":")) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IllegalStateException("no " + key);
    }
}
