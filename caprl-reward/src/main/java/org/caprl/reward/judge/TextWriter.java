package org.caprl.reward.judge;

import java.util.List;
import org.caprl.reward.qa.Answer;

/** A language model that replies to texts, in this JVM or elsewhere. */
public interface TextWriter {
    /**
     * A text to reply to.
     *
     * @param userTurn without a chat template around it
     * @param key of the sampling
     */
    record Request(String userTurn, long key) {
    }

    /**
     * Replies to all of them; it may batch them as it likes.
     *
     * @return one a request, in the order given; a reply depends on its request alone
     */
    List<Answer> write(List<Request> requests);
}
