package org.caprl.rollout.ray;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.caprl.core.InputException;

/**
 * Asks the head of a cluster for its version of Ray, without any class of Ray: a driver of another version dies in the attempt.
 *
 * <p>It is the one call {@code ray.rpc.NodeInfoGcsService/CheckAlive} over gRPC, that is, one request on one HTTP/2 connection; field 2 of
 * the reply is the version ({@code gcs_service.proto}).
 */
final class ClusterVersion {
    private static final String CALL = "/ray.rpc.NodeInfoGcsService/CheckAlive";
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RESET = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GO_AWAY = 7;
    /** Of DATA and HEADERS. */
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    /** Of SETTINGS and PING. */
    private static final int ACK = 1;
    private static final int GRPC_PREFIX = 5;
    private static final int LARGEST_FRAME = 1 << 20;

    private ClusterVersion() {
    }

    /**
     * The version, such as {@code 2.60.0}; nothing if something answered that does not give one.
     *
     * @param address {@code host:port} of the head
     * @throws InputException if nobody answers there in time
     */
    static Optional<String> ask(String address, Duration limit) {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon).replaceAll("[\\[\\]]", "");
        int millis = Math.toIntExact(limit.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1))), millis);
            socket.setSoTimeout(millis);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(PREFACE);
            frame(out, SETTINGS, 0, 0, new byte[0]);
            frame(out, HEADERS, END_HEADERS, 1, headers(address));
            frame(out, DATA, END_STREAM, 1, new byte[GRPC_PREFIX]);
            return version(reply(new DataInputStream(socket.getInputStream()), out));
        } catch (IOException e) {
            throw new InputException("no Ray cluster answers at " + address + " (" + e + "): start one there (`ray start --head`), or give "
                    + "the address of one that runs in ray.address or RAY_ADDRESS", e);
        }
    }

    private static byte[] headers(String authority) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04); // :path, literal
        text(block, CALL);
        block.write(0x01); // :authority
        text(block, authority);
        block.write(0x0f); // content-type, entry 31 of the static table
        block.write(0x10);
        text(block, "application/grpc");
        block.write(0x00); // a name of its own
        text(block, "te");
        text(block, "trailers");
        String token = System.getenv("RAY_AUTH_TOKEN");
        if (token != null && token.length() < 100) {
            block.write(0x0f); // authorization, entry 23
            block.write(0x08);
            text(block, "Bearer " + token);
        }
        return block.toByteArray();
    }

    /** A string shorter than 127 bytes, not Huffman-coded. */
    private static void text(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        block.write(bytes.length);
        block.writeBytes(bytes);
    }

    private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
        out.writeByte(payload.length >>> 16);
        out.writeShort(payload.length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        out.write(payload);
        out.flush();
    }

    /** The bytes of DATA frames up to the end of the stream. */
    private static byte[] reply(DataInputStream in, DataOutputStream out) throws IOException {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            if (length > LARGEST_FRAME) {
                throw new IOException("what answers does not speak HTTP/2");
            }
            byte[] payload = in.readNBytes(length);
            if (type == SETTINGS && (flags & ACK) == 0) {
                frame(out, SETTINGS, ACK, 0, new byte[0]);
            } else if (type == PING && (flags & ACK) == 0) {
                frame(out, PING, ACK, 0, payload);
            } else if (type == DATA) {
                data.writeBytes(payload);
            }
            boolean ended = (type == DATA || type == HEADERS) && stream == 1 && (flags & END_STREAM) != 0;
            if (ended || type == RESET || type == GO_AWAY) {
                return data.toByteArray();
            }
        }
    }

    /** Field 2 of the protobuf message after the gRPC prefix. */
    private static Optional<String> version(byte[] reply) {
        int at = GRPC_PREFIX;
        while (at + 1 < reply.length) {
            int tag = reply[at++];
            int length = reply[at++];
            if ((tag & 7) != 2 || length < 0 || at + length > reply.length) {
                return Optional.empty();
            }
            if (tag >>> 3 == 2) {
                return Optional.of(new String(reply, at, length, StandardCharsets.UTF_8));
            }
            at += length;
        }
        return Optional.empty();
    }
}
