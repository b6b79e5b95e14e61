package org.caprl.core.data.synth;

import org.caprl.core.data.CaptionSample;
import org.caprl.core.random.CounterRandom;

/**
 * Endless examples for the policy's warm start, each a function of seed and index: image and a caption that falls short as the noise says.
 *
 * @param seed  another seed, other examples
 * @param split of the scenes; {@link Split#WARM_START} to train on
 * @param noise of the captions
 */
public record PolicyExamples(long seed, Split split, CaptionNoise noise) {
    private static final long PURPOSE = CounterRandom.hash("synthetic policy example");

    /** The example at this index, from 0. */
    public PolicyExample get(long index) {
        Scene scene = Scenes.scene(split, seed, index);
        long key = CounterRandom.key(seed, PURPOSE, split.ordinal(), index);
        return new PolicyExample(scene, key, CaptionSample.DEFAULT_PROMPT, CaptionWriter.noisy(scene, noise, key));
    }
}
