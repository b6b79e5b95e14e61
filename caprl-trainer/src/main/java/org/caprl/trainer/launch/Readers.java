package org.caprl.trainer.launch;

import org.caprl.reward.judge.TextWriter;
import org.caprl.reward.qa.Answerer;
import org.caprl.trainer.config.JudgeSection;
import org.caprl.trainer.config.OneAnswererSection;

/** Makes what reads captions with the frozen models of a configuration, wherever these compute. What it makes it closes. */
interface Readers extends AutoCloseable {
    /**
     * An answerer with a model of ours.
     *
     * @param number its place among the configuration's answerers, from 0
     */
    Answerer answerer(int number, OneAnswererSection section);

    /** The model that grades captions. */
    TextWriter judge(JudgeSection section);

    /** Nothing is computed: what lies outside this JVM must not be asked. */
    boolean rehearse();

    @Override
    void close();
}
