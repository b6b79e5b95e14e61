package org.caprl.rollout.weights;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes that come in parts. */
final class WeightDigest {
    private static final long PART = 1 << 30;

    private final MessageDigest digest;

    WeightDigest() {
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void add(MemorySegment bytes) {
        for (long at = 0; at < bytes.byteSize(); at += PART) {
            digest.update(bytes.asSlice(at, Math.min(PART, bytes.byteSize() - at)).asByteBuffer());
        }
    }

    /** The digest of what was added; nothing can be added afterwards. */
    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
