package org.caprl.core.generate;

import java.util.Arrays;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.SamplingRows;

/** One caption in the making. Everything that a step changes is there from the start. */
final class Branch {
    final SharedPrompt prompt;
    final int index;
    final int[] suffix;
    final KvSpan own;
    int position;
    private final SamplingParams params;
    private final long key;
    private final int[] eos;
    private final long[] seen;
    private final TextTail tail;
    private final int[] ids;
    private final float[][] logProbs;
    private int count;
    private FinishReason finish;

    Branch(SharedPrompt prompt, int index, KvSpan own, TokenText tokens) {
        GenerationRequest request = prompt.request;
        this.prompt = prompt;
        this.index = index;
        this.suffix = request.suffixes().get(index);
        this.own = own;
        this.params = request.params();
        this.key = request.keys()[index];
        this.eos = params.eosIds().stream().mapToInt(Integer::intValue).toArray();
        this.seen = prompt.seen == null ? null : prompt.seen.clone();
        if (seen != null) {
            SharedPrompt.mark(seen, suffix);
        }
        this.tail = params.readsText() ? new TextTail(tokens, params) : null;
        this.ids = new int[params.maxNewTokens()];
        this.logProbs = new float[3][params.maxNewTokens()];
        this.position = prompt.nextPosition;
        prompt.span.retain();
    }

    /** Rows that a branch may need at most: its suffix and every token that is fed back, so all but the last. */
    static int mostRows(GenerationRequest request, int branch) {
        return request.suffixes().get(branch).length + request.params().maxNewTokens() - 1;
    }

    /** The token drawn last. */
    int lastToken() {
        return ids[count - 1];
    }

    /** Key rows of the whole sequence. */
    void keys(AttentionPlan plan) {
        prompt.span.keys(plan);
        own.keys(plan);
    }

    /** Writes how the next token is drawn. */
    void fill(SamplingRows rows, int row) {
        rows.temperature[row] = (float) params.temperature();
        rows.topK[row] = params.topK();
        rows.topP[row] = (float) params.topP();
        rows.minP[row] = (float) params.minP();
        rows.repetitionPenalty[row] = (float) params.repetitionPenalty();
        rows.key[row] = key;
        rows.counter[row] = count;
        rows.seen[row] = seen;
    }

    /** Takes the next token; true when the caption is complete. */
    boolean accept(int id, float raw, float tempered, float sampled) {
        ids[count] = id;
        logProbs[0][count] = raw;
        logProbs[1][count] = tempered;
        logProbs[2][count] = sampled;
        count++;
        if (seen != null) {
            seen[id >> 6] |= 1L << id;
        }
        finish = finishNow(id);
        return finish != null;
    }

    private FinishReason finishNow(int id) {
        for (int end : eos) {
            if (id == end) {
                return FinishReason.EOS;
            }
        }
        if (tail != null && tail.stops(ids, count)) {
            return FinishReason.STOP;
        }
        return count == ids.length ? FinishReason.LENGTH : null;
    }

    /** The finished caption. */
    Caption caption(long weightVersion) {
        return new Caption(Arrays.copyOf(ids, count), Arrays.copyOf(logProbs[0], count), Arrays.copyOf(logProbs[1], count),
                Arrays.copyOf(logProbs[2], count), finish, weightVersion);
    }

    /** Gives its rows back, and its share of the prompt's. */
    void release() {
        own.release();
        prompt.span.release();
    }
}
