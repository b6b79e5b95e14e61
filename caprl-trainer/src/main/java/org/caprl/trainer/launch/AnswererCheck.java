package org.caprl.trainer.launch;

import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RunConfig;

/** Whether the remote answerers of a configuration answer, before anything is loaded or written. */
final class AnswererCheck {
    private AnswererCheck() {
    }

    /**
     * Asks every URL of every remote answerer one question.
     *
     * @param log takes a line for each URL that does not answer while another one of its answerer does
     * @throws InputException if no URL of an answerer answers, or one refuses
     */
    static void run(RunConfig config, Consumer<String> log) {
        for (OneAnswererSection section : config.answerer().all()) {
            AnswererPrompt prompt = AnswererPrompt.named(section.template());
            section.remote().ifPresent(remote -> {
                try (RemoteAnswerer answerer = remote.open(prompt, config.reward(), System.getenv())) {
                    answerer.check(remote.connectTimeout()).forEach(log);
                }
            });
        }
    }
}
