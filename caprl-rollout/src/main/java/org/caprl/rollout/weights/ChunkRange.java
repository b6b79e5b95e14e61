package org.caprl.rollout.weights;

/** Which elements of which tensors lie in one chunk. */
record ChunkRange(WeightPacket packet, int chunk) {
    /** One tensor's part. */
    interface Visitor {
        /**
         * Elements {@code [from, to)} of a tensor.
         *
         * @param at byte of the chunk where they begin
         */
        void elements(WeightPacket.Part part, int from, int to, int at);
    }

    void forEach(Visitor visitor) {
        long begin = (long) chunk * packet.chunkBytes();
        long end = begin + packet.chunkBytes(chunk);
        long at = 0;
        for (WeightPacket.Part part : packet.tensors()) {
            long from = Math.max(at, begin);
            long to = Math.min(at + part.bytes(), end);
            if (from < to) {
                int each = part.dtype().bytes();
                visitor.elements(part, Math.toIntExact((from - at) / each), Math.toIntExact((to - at) / each),
                        Math.toIntExact(from - begin));
            }
            at += part.room();
        }
    }
}
