package org.caprl.rollout.pool;

/** Someone who writes captions elsewhere, as the pool sees it. */
public interface CaptionWriter {
    /** Who and where, for errors. */
    String name();

    /**
     * Tells and asks.
     *
     * @throws WriterLostException if it died or gives no sign of life
     */
    CaptionReply exchange(CaptionCall call);
}
