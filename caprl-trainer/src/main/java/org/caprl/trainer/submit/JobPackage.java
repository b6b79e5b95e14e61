package org.caprl.trainer.submit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.caprl.core.InputException;

/**
 * Files that travel together, under a name that follows from their names and contents: what the cluster has already is not sent again.
 *
 * @param name as Ray names packages, {@code _ray_pkg_DIGEST}
 * @param files contents by path inside of the package
 * @param bytes of all contents
 */
record JobPackage(String name, SortedMap<String, Content> files, long bytes) {
    private static final String PREFIX = "_ray_pkg_";
    private static final int DIGEST_BYTES = 16;

    /** What a file holds. */
    @FunctionalInterface
    interface Content {
        byte[] read() throws IOException;

        static Content of(String text) {
            return () -> text.getBytes(StandardCharsets.UTF_8);
        }

        static Content of(Path file) {
            return () -> Files.readAllBytes(file);
        }
    }

    /** @throws InputException if a file can't be read */
    static JobPackage of(SortedMap<String, Content> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            long bytes = 0;
            for (String path : files.keySet()) {
                byte[] content = read(path, files.get(path));
                digest.update((path + "\0" + content.length + "\0").getBytes(StandardCharsets.UTF_8));
                digest.update(content);
                bytes += content.length;
            }
            return new JobPackage(PREFIX + HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES), new TreeMap<>(files), bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its file on the cluster. */
    String file() {
        return name + ".zip";
    }

    /** As a runtime environment names it. */
    String uri() {
        return "gcs://" + file();
    }

    /** A zip archive, not compressed: most of it are jars. */
    byte[] zipped() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.toIntExact(bytes + bytes / 64 + 4096));
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String path : files.keySet()) {
                byte[] content = read(path, files.get(path));
                CRC32 crc = new CRC32();
                crc.update(content);
                ZipEntry entry = new ZipEntry(path);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(content.length);
                entry.setCrc(crc.getValue());
                entry.setLastModifiedTime(FileTime.fromMillis(0));
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    private static byte[] read(String path, Content content) {
        try {
            return content.read();
        } catch (IOException e) {
            throw new InputException("cannot read " + path + " for the package (" + e + ")", e);
        }
    }
}
