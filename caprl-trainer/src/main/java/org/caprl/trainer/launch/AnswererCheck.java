package org.caprl.trainer.launch;

import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.server.RemoteReward;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RunConfig;

/** Whether the remote answerers and reward servers of a configuration answer, before anything is loaded or written. */
final class AnswererCheck {
    private AnswererCheck() {
    }

    /**
     * Asks every URL of every remote answerer one question, and every reward server whether it answers as the run wants it.
     *
     * @param log takes a line for each URL that does not answer while another one of its answerer does
     * @throws InputException if no URL of an answerer or reward server answers, or one refuses
     */
    static void run(RunConfig config, Consumer<String> log) {
        config.reward().server().ifPresent(section -> {
            try (RemoteReward server = section.open(config.reward(), System.getenv())) {
                server.check(section.connectTimeout()).forEach(log);
            }
        });
        for (OneAnswererSection section : config.answerers()) {
            AnswererPrompt prompt = AnswererPrompt.named(section.template());
            section.remote().ifPresent(remote -> {
                try (RemoteAnswerer answerer = remote.open(prompt, config.reward(), System.getenv())) {
                    answerer.check(remote.connectTimeout()).forEach(log);
                }
            });
        }
    }
}
