package org.caprl.trainer.recipe;

import org.caprl.core.model.PackedGroup;

/** Endless supervised examples: a prompt with what should follow it. The example at an index is always the same. */
public interface SftSource {
    /** The example at this index, from 0. */
    PackedGroup example(long index);
}
