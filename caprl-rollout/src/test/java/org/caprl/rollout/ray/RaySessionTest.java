package org.caprl.rollout.ray;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.caprl.core.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RaySessionTest {
    private static final Duration SHORT = Duration.ofSeconds(2);

    @Test
    void autoIsTheEnvironmentThenThisMachineThenAnError() {
        assertEquals("10.0.0.1:6379", RaySession.resolve("10.0.0.1:6379", "10.0.0.2:1", Optional.of("10.0.0.3:1")));
        assertEquals("10.0.0.2:1", RaySession.resolve("auto", " 10.0.0.2:1 ", Optional.of("10.0.0.3:1")));
        assertEquals("10.0.0.3:1", RaySession.resolve("auto", "", Optional.of("10.0.0.3:1")));
        assertEquals("10.0.0.3:1", RaySession.resolve("auto", "auto", Optional.of("10.0.0.3:1")));
        assertEquals("[::1]:6379", RaySession.resolve("[::1]:6379", null, Optional.empty()));
        String said = assertThrows(InputException.class, () -> RaySession.resolve("auto", null, Optional.empty())).getMessage();
        assertTrue(said.contains("RAY_ADDRESS is not set") && said.contains("caprl ray up"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ray://10.0.0.1:10001", "10.0.0.1", "10.0.0.1:", "a b:1", ":6379", "host:123456"})
    void whatIsNoAddressIsRefused(String address) {
        assertThrows(InputException.class, () -> RaySession.resolve(address, null, Optional.empty()));
    }

    /** A head that answers as gRPC does: settings, headers, one message, trailers. */
    private static Optional<String> answered(byte[] message) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread head = Thread.ofPlatform().daemon().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().readNBytes(24);
                    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
                    byte[] headers = {0, 0, 1, 1, 4, 0, 0, 0, 1, (byte) 0x88};
                    byte[] data = {0, 0, (byte) message.length, 0, 0, 0, 0, 0, 1};
                    byte[] trailers = {0, 0, 1, 1, 5, 0, 0, 0, 1, (byte) 0x88};
                    for (byte[] part : new byte[][] {settings, headers, data, message, trailers}) {
                        socket.getOutputStream().write(part);
                    }
                    socket.getOutputStream().flush();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Optional<String> version = ClusterVersion.ask("127.0.0.1:" + server.getLocalPort(), SHORT);
            head.join(2000);
            return version;
        }
    }

    @Test
    void aClusterTellsItsVersion() throws Exception {
        // gRPC's prefix; field 1: a status of two bytes; field 2: the version; field 3: a packed list.
        byte[] reply = {0, 0, 0, 0, 15, 0x0a, 2, 8, 0, 0x12, 6, '2', '.', '6', '0', '.', '0', 0x1a, 1, 1};
        assertEquals(Optional.of("2.60.0"), answered(reply));
        assertEquals(Optional.empty(), answered(new byte[] {0, 0, 0, 0, 0}));
        assertEquals(Optional.empty(), answered(new byte[] {0, 0, 0, 0, 4, 0x12, 99, '2', '.'}));
    }

    @Test
    void whatDoesNotAnswerIsNamed() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            String silent = assertThrows(InputException.class,
                    () -> ClusterVersion.ask("127.0.0.1:" + port, Duration.ofMillis(200))).getMessage();
            assertTrue(silent.startsWith("no Ray cluster answers at 127.0.0.1:" + port), silent);
        }
        assertThrows(InputException.class, () -> ClusterVersion.ask("127.0.0.1:" + port, SHORT));
    }

    @Test
    void aRuntimeIsOfTheVersionOfItsWheelOrItsLibrary(@TempDir Path temp) throws IOException {
        Path jars = Files.createDirectories(temp.resolve("ray/jars"));
        Path jar = jars.resolve("ray_dist.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("native/linux/libcore_worker_library_java.so"));
            zip.write("ELF\0 1.2.13\0\0002.60.0\0x".getBytes(StandardCharsets.ISO_8859_1));
        }
        RayRuntimeJar runtime = new RayRuntimeJar(jar);
        assertTrue(runtime.isOf("2.60.0"));
        assertFalse(runtime.isOf("2.39.0"));
        assertFalse(runtime.isOf("2.60"));
        Files.writeString(temp.resolve("ray/_version.py"), "commit = \"x\"\nversion = \"2.39.0\"\n");
        assertTrue(runtime.isOf("2.39.0"));
        assertFalse(runtime.isOf("2.60.0"));
    }
}
