package org.caprl.rollout.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.caprl.core.RunStoppedException;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final TensorScope scope = new TensorScope(ops.memory());
    private final Random random = new Random(8);

    @AfterEach
    void close() {
        scope.close();
        ops.close();
    }

    private Map<String, Var> weights(WeightType type, boolean filled) {
        Map<String, Var> weights = new LinkedHashMap<>();
        for (int[] shape : List.of(new int[] {7, 5}, new int[] {5}, new int[] {1}, new int[] {3, 2, 4})) {
            Tensor tensor = scope.zeros(type.of(shape), shape);
            if (filled) {
                float[] values = new float[(int) tensor.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                Tensor floats = scope.allocate(DType.F32, shape);
                floats.write(values, values.length);
                ops.copy(floats, tensor);
            }
            weights.put("w" + weights.size(), Var.parameter(tensor));
        }
        return weights;
    }

    private static byte[] bytes(Map<String, Var> weights, String name) {
        return weights.get(name).value().toHost().toArray(ValueLayout.JAVA_BYTE);
    }

    private List<byte[]> chunks(WeightPacket packet, Map<String, Var> weights) {
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < packet.chunks(); i++) {
            chunks.add(packet.chunk(i, weights, ops));
        }
        return chunks;
    }

    /** Chunks that end inside of tensors, at their ends, and one that holds all. */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 20, 140, 1 << 20})
    void weightsArriveToTheBit(int chunkBytes) {
        for (WeightType type : WeightType.values()) {
            Map<String, Var> trained = weights(WeightType.FLOAT32, true);
            WeightPacket packet = WeightPacket.of(WeightPacket.of(7, trained, type, ops, chunkBytes).message());
            Map<String, Var> engine = weights(type, false);
            WeightIntake intake = new WeightIntake(packet, engine);
            long version = engine.get("w0").value().version();
            chunks(packet, trained).forEach(intake::accept);
            assertEquals(packet.digest(), intake.finish());
            assertNotEquals(version, engine.get("w0").value().version(), "what was derived of the weights is out of date");
            Map<String, Var> copied = weights(type, false);
            copied.forEach((name, weight) -> {
                ops.copy(trained.get(name).value(), weight.value());
                assertArrayEquals(bytes(copied, name), bytes(engine, name), type + " " + name);
            });
        }
    }

    @Test
    void otherBytesHaveAnotherDigest() {
        Map<String, Var> trained = weights(WeightType.FLOAT32, true);
        WeightPacket packet = WeightPacket.of(1, trained, WeightType.FLOAT32, ops, 64);
        List<byte[]> chunks = chunks(packet, trained);
        chunks.getLast()[0] ^= 1;
        WeightIntake intake = new WeightIntake(packet, weights(WeightType.FLOAT32, false));
        chunks.forEach(intake::accept);
        assertNotEquals(packet.digest(), intake.finish());
        trained.get("w3").value().write(new float[1], 1);
        assertNotEquals(packet.digest(), WeightPacket.of(1, trained, WeightType.FLOAT32, ops, 64).digest());
    }

    @Test
    void missingChunksAndOtherModelsAreRefused() {
        Map<String, Var> trained = weights(WeightType.FLOAT32, true);
        WeightPacket packet = WeightPacket.of(1, trained, WeightType.FLOAT32, ops, 64);
        WeightIntake intake = new WeightIntake(packet, weights(WeightType.FLOAT32, false));
        intake.accept(packet.chunk(0, trained, ops));
        assertThrows(IllegalStateException.class, intake::finish);
        assertThrows(IllegalArgumentException.class, () -> intake.accept(new byte[3]));
        Map<String, Var> fewer = weights(WeightType.FLOAT32, false);
        fewer.remove("w3");
        String said = assertThrows(IllegalArgumentException.class, () -> new WeightIntake(packet, fewer)).getMessage();
        assertTrue(said.contains("tensor 3") && said.contains("here it is nothing"), said);
        assertThrows(IllegalArgumentException.class, () -> new WeightIntake(packet, weights(WeightType.BFLOAT16, false)));
    }

    private record Engine(String name, WeightReceiver.Confirmation says, List<String> log) implements WeightReceiver<byte[]> {
        @Override
        public Pending install(WeightSet<byte[]> weights) {
            log.add("begin " + name);
            return limit -> {
                log.add("await " + name);
                if (says == null) {
                    throw new RunStoppedException("waited " + limit.toMillis() + " ms for " + name);
                }
                return says;
            };
        }
    }

    @Test
    void everyEngineConfirmsVersionAndDigest() {
        Map<String, Var> trained = weights(WeightType.FLOAT32, true);
        WeightPacket packet = WeightPacket.of(4, trained, WeightType.FLOAT32, ops, 1024);
        WeightSet<byte[]> set = new WeightSet<>(packet, chunks(packet, trained));
        WeightPublisher publisher = new WeightPublisher(Duration.ofSeconds(5));
        WeightReceiver.Confirmation right = new WeightReceiver.Confirmation(4, packet.digest());
        List<String> log = new ArrayList<>();
        publisher.publish(set, List.of(new Engine("a", right, log), new Engine("b", right, log)));
        assertEquals(List.of("begin a", "begin b", "await a", "await b"), log, "all begin before one is waited for");
        for (WeightReceiver.Confirmation wrong : List.of(new WeightReceiver.Confirmation(3, packet.digest()),
                new WeightReceiver.Confirmation(4, "00"))) {
            String said = assertThrows(RunStoppedException.class,
                    () -> publisher.publish(set, List.of(new Engine("a", right, log), new Engine("actor 2", wrong, log)))).getMessage();
            assertTrue(said.startsWith("actor 2 has weights of version " + wrong.version()), said);
        }
        assertThrows(RunStoppedException.class, () -> publisher.publish(set, List.of(new Engine("late", null, log))));
        assertThrows(IllegalArgumentException.class, () -> new WeightSet<>(packet, List.<byte[]>of()));
    }
}
