package org.caprl.rollout.message;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.BiConsumer;

/** Writes one message. Arrays are copied in bulk. */
public final class MessageWriter {
    /** First bytes of every message: {@code CRLM}. */
    static final int MAGIC = 0x4d4c5243;
    /** Of the form; both sides of a job run the same jars, so a reader takes this one alone. */
    static final short VERSION = 1;
    private static final int FIRST_SIZE = 256;

    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_SIZE).order(ByteOrder.LITTLE_ENDIAN);

    /** A message of this kind. */
    public MessageWriter(MessageKind kind) {
        room(8).putInt(MAGIC).putShort(VERSION).putShort((short) kind.ordinal());
    }

    private ByteBuffer room(long bytes) {
        if (buffer.remaining() < bytes) {
            long needed = Math.max(buffer.position() + bytes, 2L * buffer.capacity());
            int size = (int) Math.min(needed, Integer.MAX_VALUE - 8);
            if (size - buffer.position() < bytes) {
                throw new IllegalArgumentException("a message of more than 2 GiB; send it in parts");
            }
            buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
        }
        return buffer;
    }

    /** Makes room at once, so that a large message is not copied while it grows. */
    public MessageWriter expecting(long bytes) {
        room(bytes);
        return this;
    }

    /** A flag. */
    public MessageWriter put(boolean value) {
        room(1).put((byte) (value ? 1 : 0));
        return this;
    }

    /** A number. */
    public MessageWriter put(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    /** A number. */
    public MessageWriter put(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    /** The bits of a number. */
    public MessageWriter put(float value) {
        return put(Float.floatToRawIntBits(value));
    }

    /** The bits of a number. */
    public MessageWriter put(double value) {
        return put(Double.doubleToRawLongBits(value));
    }

    /** A text. */
    public MessageWriter put(String value) {
        return put(value.getBytes(StandardCharsets.UTF_8));
    }

    /** The name of a constant. */
    public MessageWriter put(Enum<?> value) {
        return put(value.name());
    }

    /** Bytes. */
    public MessageWriter put(byte[] values) {
        put(values.length);
        room(values.length).put(values);
        return this;
    }

    /** Numbers. */
    public MessageWriter put(int[] values) {
        put(values.length);
        long bytes = (long) values.length * Integer.BYTES;
        room(bytes).asIntBuffer().put(values);
        return skip(bytes);
    }

    /** Numbers. */
    public MessageWriter put(long[] values) {
        put(values.length);
        long bytes = (long) values.length * Long.BYTES;
        room(bytes).asLongBuffer().put(values);
        return skip(bytes);
    }

    /** Numbers, their bits as they are. */
    public MessageWriter put(float[] values) {
        put(values.length);
        long bytes = (long) values.length * Float.BYTES;
        room(bytes).asFloatBuffer().put(values);
        return skip(bytes);
    }

    /** Numbers, their bits as they are. */
    public MessageWriter put(double[] values) {
        put(values.length);
        long bytes = (long) values.length * Double.BYTES;
        room(bytes).asDoubleBuffer().put(values);
        return skip(bytes);
    }

    /** How many there are, and each. */
    public <T> MessageWriter putAll(Collection<T> values, BiConsumer<MessageWriter, T> each) {
        put(values.size());
        values.forEach(value -> each.accept(this, value));
        return this;
    }

    private MessageWriter skip(long bytes) {
        buffer.position(buffer.position() + (int) bytes);
        return this;
    }

    /** The message. */
    public byte[] bytes() {
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }
}
