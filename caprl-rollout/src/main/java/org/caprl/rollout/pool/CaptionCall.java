package org.caprl.rollout.pool;

import java.util.List;
import org.caprl.core.generate.SamplingParams;
import org.caprl.rollout.CaptionRequest;

/**
 * What a writer is told and asked for in one exchange. It answers when so many groups are complete as are enough, when it has nothing left
 * to do, or when the time is over.
 *
 * @param call number of the call that the groups belong to; what the writer has of earlier ones it drops
 * @param weightVersion version of the weights that the groups are to be written with
 * @param params how to sample
 * @param groups new work
 * @param drop groups that are no longer wanted
 * @param enough complete groups that are worth an answer
 * @param waitMillis longest time until the answer
 */
public record CaptionCall(long call, long weightVersion, SamplingParams params, List<Item> groups, int[] drop, int enough,
        int waitMillis) {
    /**
     * One group to write.
     *
     * @param id its number in the call
     * @param request prompt and keys
     */
    public record Item(int id, CaptionRequest request) {
    }
}
