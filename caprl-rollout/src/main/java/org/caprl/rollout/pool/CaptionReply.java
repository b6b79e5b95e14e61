package org.caprl.rollout.pool;

import java.util.List;
import org.caprl.core.generate.Caption;

/**
 * What a writer has done since the exchange before.
 *
 * @param done complete groups
 * @param unfinished groups of this call that it still has in hand
 * @param sampledTokens tokens that it drew for this call so far
 */
public record CaptionReply(List<Done> done, int unfinished, long sampledTokens) {
    /**
     * A complete group.
     *
     * @param id its number in the call
     * @param captions in order
     * @param passes decode steps from the beginning of the batch that it was written in
     */
    public record Done(int id, List<Caption> captions, long passes) {
    }
}
