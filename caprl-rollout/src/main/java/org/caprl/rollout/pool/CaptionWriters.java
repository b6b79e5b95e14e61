package org.caprl.rollout.pool;

/** Places for writers, each with one writer at a time. */
public interface CaptionWriters {
    /** Number of places. */
    int size();

    /** The writer of a place. @throws WriterLostException if there is none at the moment */
    CaptionWriter writer(int place);

    /**
     * Puts another writer, with the same weights, in the place of one that was lost; takes as long as it takes.
     *
     * @throws org.caprl.core.RunStoppedException if too many were lost
     */
    void replace(int place, WriterLostException loss);
}
