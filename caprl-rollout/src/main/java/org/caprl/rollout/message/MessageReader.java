package org.caprl.rollout.message;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads one message, strictly: no length is believed that the message has no bytes for, and none may be left over.
 *
 * <p>Every method throws {@link IllegalArgumentException} that names the kind of message, the byte and what was expected.
 */
public final class MessageReader {
    private final MessageKind kind;
    private final ByteBuffer buffer;

    /** @param kind that is expected */
    public MessageReader(byte[] message, MessageKind kind) {
        this.kind = kind;
        this.buffer = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        if (message.length < 8 || buffer.getInt() != MessageWriter.MAGIC) {
            throw new IllegalArgumentException(message.length + " bytes that are no message, expected one of kind " + kind);
        }
        short version = buffer.getShort();
        if (version != MessageWriter.VERSION) {
            throw fault("form " + version + ", expected form " + MessageWriter.VERSION
                    + ": driver and actors run different versions of CapRL");
        }
        short found = buffer.getShort();
        if (found != kind.ordinal()) {
            throw fault("a message of kind " + (found >= 0 && found < MessageKind.values().length ? MessageKind.values()[found] : found));
        }
    }

    /** Whether these bytes begin as a message of this kind. */
    public static boolean is(byte[] bytes, MessageKind kind) {
        if (bytes.length < 8) {
            return false;
        }
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return header.getInt(0) == MessageWriter.MAGIC && header.getShort(6) == kind.ordinal();
    }

    private IllegalArgumentException fault(String found) {
        return new IllegalArgumentException("message " + kind + ", byte " + buffer.position() + ": " + found);
    }

    private ByteBuffer need(long bytes, String what) {
        if (bytes < 0 || bytes > buffer.remaining()) {
            throw fault("expected " + what + " of " + bytes + " bytes, and " + buffer.remaining() + " are left");
        }
        return buffer;
    }

    /** A flag. */
    public boolean flag() {
        byte value = need(1, "a flag").get();
        if (value != 0 && value != 1) {
            throw fault("the flag " + value + ", expected 0 or 1");
        }
        return value == 1;
    }

    /** A number. */
    public int integer() {
        return need(Integer.BYTES, "an int").getInt();
    }

    /** A number. */
    public long number() {
        return need(Long.BYTES, "a long").getLong();
    }

    /** A number by its bits. */
    public float real() {
        return Float.intBitsToFloat(integer());
    }

    /** A number by its bits. */
    public double real64() {
        return Double.longBitsToDouble(number());
    }

    /** A text. */
    public String text() {
        ByteBuffer part = part(length(1, "a text"));
        try {
            CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(part);
            return chars.toString();
        } catch (CharacterCodingException e) {
            throw fault("a text that is not UTF-8");
        }
    }

    /** A constant by its name. */
    public <E extends Enum<E>> E constant(Class<E> type) {
        String name = text();
        try {
            return Enum.valueOf(type, name);
        } catch (IllegalArgumentException e) {
            throw fault("'" + name + "' is no " + type.getSimpleName());
        }
    }

    /** Bytes. */
    public byte[] byteArray() {
        byte[] values = new byte[length(1, "bytes")];
        buffer.get(values);
        return values;
    }

    /** Numbers. */
    public int[] ints() {
        int[] values = new int[length(Integer.BYTES, "ints")];
        part(values.length * Integer.BYTES).asIntBuffer().get(values);
        return values;
    }

    /** Numbers. */
    public long[] longs() {
        long[] values = new long[length(Long.BYTES, "longs")];
        part(values.length * Long.BYTES).asLongBuffer().get(values);
        return values;
    }

    /** Numbers. */
    public float[] floats() {
        float[] values = new float[length(Float.BYTES, "floats")];
        part(values.length * Float.BYTES).asFloatBuffer().get(values);
        return values;
    }

    /** Numbers. */
    public double[] doubles() {
        double[] values = new double[length(Double.BYTES, "doubles")];
        part(values.length * Double.BYTES).asDoubleBuffer().get(values);
        return values;
    }

    /** As many as were written, each at least a byte. */
    public <T> List<T> all(Function<MessageReader, T> each) {
        int count = length(1, "a list");
        List<T> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(each.apply(this));
        }
        return values;
    }

    /** A count of elements that the rest of the message has room for. */
    private int length(int bytesEach, String what) {
        int length = integer();
        if (length < 0) {
            throw fault("a negative length of " + what);
        }
        need((long) length * bytesEach, what);
        return length;
    }

    private ByteBuffer part(int bytes) {
        ByteBuffer part = buffer.slice(buffer.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.position(buffer.position() + bytes);
        return part;
    }

    /** Ends the message. */
    public void end() {
        if (buffer.hasRemaining()) {
            throw fault(buffer.remaining() + " bytes too many");
        }
    }
}
