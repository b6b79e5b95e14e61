package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.caprl.reward.remote.Fault;
import org.caprl.reward.remote.OpenAiStub;
import org.caprl.reward.remote.StubModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands whose answerer is served over HTTP, and what the process returns when it is not. */
@Timeout(60)
class RemoteAnswererCommandsTest {
    private static final String MODEL = "answerer.remote.model=" + OpenAiStub.MODEL;

    @TempDir
    static Path folder;

    private static String config;
    private static StubModel served;

    @BeforeAll
    static void models() throws IOException {
        config = TinyModels.run(folder).toString();
        served = new StubModel(folder.resolve("answerer"));
    }

    @AfterAll
    static void close() {
        served.close();
    }

    @Test
    void anEvaluationByUrlIsThatOfTheFolder() {
        try (OpenAiStub stub = new OpenAiStub(served, Optional.empty())) {
            Ran local = Ran.caprl("eval", config, "--json");
            Ran remote = Ran.caprl("eval", config, "--answerer", stub.url(), MODEL, "answerer.remote.top_logprobs=1000", "--json");
            assertEquals(ExitCode.DONE, remote.code(), remote.err());
            assertEquals(local.out(), remote.out());
            assertTrue(stub.answered().size() > 3);
            Ran back = Ran.caprl("eval", config, MODEL, "answerer.remote.urls=[" + stub.url() + "]", "--answerer",
                    folder.resolve("answerer").toString(), "--json");
            assertEquals(local.out(), back.out(), back.err());
        }
    }

    @Test
    void noServerIsWrongInputAndOneThatStopsAnsweringStopsTheRun() {
        String[] train = {"train", config, "run.output=" + folder.resolve("runs"), "answerer.path=null", MODEL, "answerer.remote.retries=1",
            "answerer.remote.backoff_seconds=0.05", ""};
        OpenAiStub stub = new OpenAiStub(served, Optional.empty());
        train[train.length - 1] = "answerer.remote.urls=[" + stub.url() + "]";
        // The check is answered, the evaluation before training is not.
        stub.faults(n -> n == 0 ? Fault.NONE : new Fault.Drop());
        Ran stopped = Ran.caprl(train);
        assertEquals(ExitCode.RUN_STOPPED, stopped.code(), stopped.err());
        assertTrue(stopped.err().contains(stub.url()) && stopped.err().contains("could not be put to the answerer"), stopped.err());
        stub.close();
        Ran refused = Ran.caprl(train);
        assertEquals(ExitCode.WRONG_INPUT, refused.code(), refused.err());
        assertTrue(refused.err().contains("can't be reached") && refused.err().contains(stub.url()), refused.err());
        assertFalse(refused.err().contains("\tat "), refused.err());
    }
}
