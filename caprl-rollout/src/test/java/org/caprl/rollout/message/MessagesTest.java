package org.caprl.rollout.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.FinishReason;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.junit.jupiter.api.Test;

class MessagesTest {
    private final Random random = new Random(5);

    /** Any bits at all, those of NaN with a payload among them. */
    private float[] bits(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = Float.intBitsToFloat(i == 0 ? 0x7fc01234 : random.nextInt());
        }
        return values;
    }

    private static int[] raw(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    @Test
    void aPromptKeepsEveryBit() {
        Prompt prompt = new Prompt("Ünï 17", random.ints(9).toArray(),
                List.of(new CausalLm.ImageInput(bits(24), 1, 2, 3), new CausalLm.ImageInput(bits(8), 2, 2, 1)));
        Prompt read = RolloutMessages.prompt(RolloutMessages.prompt(prompt));
        assertEquals(prompt.id(), read.id());
        assertArrayEquals(prompt.ids(), read.ids());
        assertEquals(2, read.images().size());
        for (int i = 0; i < 2; i++) {
            CausalLm.ImageInput before = prompt.images().get(i);
            CausalLm.ImageInput after = read.images().get(i);
            assertArrayEquals(raw(before.pixels()), raw(after.pixels()));
            assertEquals(List.of(before.gridT(), before.gridH(), before.gridW()), List.of(after.gridT(), after.gridH(), after.gridW()));
        }
    }

    @Test
    void captionsAndSamplingComeBack() {
        Caption caption = new Caption(random.ints(5).toArray(), bits(5), bits(5), bits(5), FinishReason.STOP, Long.MIN_VALUE + 3);
        SamplingParams params = SamplingParams.sampling(0.7, 12, List.of(4, 9)).withFilters(3, 0.9, 0.1).withRepetitionPenalty(1.1)
                .withStop("</a>", "ß");
        MessageWriter writer = new MessageWriter(MessageKind.CAPTION_REPLY);
        RolloutMessages.put(writer, caption);
        RolloutMessages.put(writer, params);
        MessageReader reader = new MessageReader(writer.bytes(), MessageKind.CAPTION_REPLY);
        Caption read = RolloutMessages.caption(reader);
        assertArrayEquals(caption.ids(), read.ids());
        assertArrayEquals(raw(caption.rawLogProbs()), raw(read.rawLogProbs()));
        assertArrayEquals(raw(caption.temperedLogProbs()), raw(read.temperedLogProbs()));
        assertArrayEquals(raw(caption.sampledLogProbs()), raw(read.sampledLogProbs()));
        assertEquals(caption.finish(), read.finish());
        assertEquals(caption.weightVersion(), read.weightVersion());
        assertEquals(params, RolloutMessages.sampling(reader));
        reader.end();
    }

    @Test
    void aStopRuleIsCodeAndStaysHere() {
        SamplingParams params = SamplingParams.greedy(3, List.of()).withStopRule(text -> true);
        assertThrows(IllegalArgumentException.class, () -> RolloutMessages.put(new MessageWriter(MessageKind.CAPTION_CALL), params));
    }

    @Test
    void growsFromSmallToLarge() {
        double[] values = random.doubles(10_000).toArray();
        long[] longs = random.longs(3_000).toArray();
        byte[] message = new MessageWriter(MessageKind.QUESTIONS).put(true).put(values).put(longs).put(new byte[0]).put("").put(-1.5f)
                .put(Double.longBitsToDouble(0x7ff8000000000abcL)).bytes();
        MessageReader reader = new MessageReader(message, MessageKind.QUESTIONS);
        assertTrue(reader.flag());
        assertArrayEquals(values, reader.doubles());
        assertArrayEquals(longs, reader.longs());
        assertEquals(0, reader.byteArray().length);
        assertEquals("", reader.text());
        assertEquals(-1.5f, reader.real());
        assertEquals(0x7ff8000000000abcL, Double.doubleToRawLongBits(reader.real64()));
        reader.end();
    }

    @Test
    void damageIsFoundWhereverItIs() {
        byte[] message = RolloutMessages.prompt(new Prompt("a", new int[] {1, 2, 3}, List.of(new CausalLm.ImageInput(bits(4), 1, 2, 2))));
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            assertThrows(IllegalArgumentException.class, () -> RolloutMessages.prompt(cut), "cut to " + length);
        }
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        assertFault("1 bytes too many", longer);
        byte[] huge = message.clone();
        Arrays.fill(huge, 8, 12, (byte) 0x7f);
        assertFault("message PROMPT, byte 12: expected a text of 2139062143 bytes, and", huge);
        byte[] negative = message.clone();
        negative[11] = (byte) 0x80;
        assertFault("a negative length of a text", negative);
        byte[] otherForm = message.clone();
        otherForm[4] = 9;
        assertFault("form 9, expected form 1: driver and actors run different versions of CapRL", otherForm);
        byte[] otherKind = new MessageWriter(MessageKind.DONE).bytes();
        assertFault("a message of kind DONE", otherKind);
        assertFault("that are no message, expected one of kind PROMPT", new byte[20]);
    }

    private static void assertFault(String part, byte[] message) {
        String said = assertThrows(IllegalArgumentException.class, () -> RolloutMessages.prompt(message)).getMessage();
        assertTrue(said.contains(part), said);
    }

    @Test
    void constantsAndFlagsAreStrict() {
        byte[] message = new MessageWriter(MessageKind.DONE).put("NEVER").put(false).bytes();
        message[message.length - 1] = 2;
        MessageReader reader = new MessageReader(message, MessageKind.DONE);
        assertThrows(IllegalArgumentException.class, () -> reader.constant(FinishReason.class));
        assertThrows(IllegalArgumentException.class, reader::flag);
    }
}
