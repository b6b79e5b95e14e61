package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Storage;

/**
 * Working memory of one member for one purpose: grows to the largest request, at least by doubling, so that sequences that get longer
 * seldom make it grow, and stays. Contents are lost when it grows.
 */
final class Scratch implements AutoCloseable {
    private final Memory memory;
    private Storage storage;
    private long address;

    Scratch(Memory memory) {
        this.memory = memory;
    }

    /** The address of at least {@code bytes} bytes, 64-byte aligned. */
    long bytes(long bytes) {
        if (storage == null || storage.byteSize() < bytes) {
            long doubled = storage == null ? 0 : 2 * storage.byteSize();
            close();
            storage = memory.take(Math.max(doubled, bytes + Lanes.VB * 2));
            address = storage.host().address();
        }
        return address;
    }

    /** The address of at least {@code count} floats and, for loads that run over the end, two vectors more. */
    long floats(long count) {
        return bytes(4 * count + 2 * Lanes.VB);
    }

    static Scratch[] perMember(ThreadTeam team, Memory memory) {
        Scratch[] all = new Scratch[team.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Scratch(memory);
        }
        return all;
    }

    @Override
    public void close() {
        if (storage != null) {
            memory.give(storage);
            storage = null;
        }
    }
}
