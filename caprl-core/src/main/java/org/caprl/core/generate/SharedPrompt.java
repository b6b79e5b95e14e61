package org.caprl.core.generate;

import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.Tensor;

/** A prompt that is in the cache, and what its branches need of it: its rows, its last hidden row, its tokens as a bit set. */
final class SharedPrompt {
    final int requestIndex;
    final GenerationRequest request;
    final CausalLm.Positions positions;
    final KvSpan span;
    final int nextPosition;
    final long[] seen;
    /** The last row of the decoder's output, [1, hidden]: the first token of branches without a suffix comes from it. */
    Tensor lastHidden;
    /** Branches begun. */
    int begun;

    SharedPrompt(int requestIndex, GenerationRequest request, CausalLm.Positions positions, KvSpan span, int vocab) {
        this.requestIndex = requestIndex;
        this.request = request;
        this.positions = positions;
        this.span = span;
        this.nextPosition = positions.next();
        if (request.params().repetitionPenalty() == 1) {
            this.seen = null;
        } else {
            this.seen = new long[(vocab + 63) / 64];
            mark(seen, request.prompt().ids());
        }
    }

    int length() {
        return request.prompt().ids().length;
    }

    static void mark(long[] bits, int[] ids) {
        for (int id : ids) {
            bits[id >> 6] |= 1L << id;
        }
    }
}
