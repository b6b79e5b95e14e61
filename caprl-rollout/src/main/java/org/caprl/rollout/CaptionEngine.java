package org.caprl.rollout;

import java.util.List;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;

/**
 * Writes captions with the policy. Where it runs is its own affair; a caption depends only on weights, prompt, key and parameters. One
 * thread at a time, not always the same.
 */
public interface CaptionEngine extends AutoCloseable {
    /**
     * A group for each request, in order, all by the weights that were installed last.
     *
     * @param listener hears of progress again and again, also while nothing ends, so that one that throws ends the writing soon. An engine
     *     in another process may know nothing of tokens before captions end
     */
    List<RolloutGroup> caption(List<CaptionRequest> requests, SamplingParams params, GenerationListener listener);

    /**
     * Makes weights of this version those that captions are written with; returns when they are in use.
     *
     * @param version larger than that of every earlier call, or equal to the last
     */
    void install(long version);

    /** Version of the weights in use. */
    long weightVersion();

    /** Work done so far. */
    GenerationCounts counts();

    @Override
    void close();
}
