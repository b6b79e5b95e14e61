package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardServerCommandTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--port 70000 | --port is 70000; expected 0 to 65535",
        "--questions many | --questions is 'many'; give a number, or all",
        "--questions 0 | --questions is 0; expected 1 to 1024",
        "--max-queue 0 | --max-queue is 0",
        "--unscored NaN | finite numbers",
        "--format-weight NaN | finite numbers",
        "--max-body 5000 | --max-body is 5000; expected 1 to 1024"})
    void optionsOutOfRangeAreNamed(String options, String message) {
        Ran ran = Ran.caprl(("reward-server --answerer x " + options).split(" "));
        assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
        assertTrue(ran.err().contains(message), ran.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nowhere | nowhere",
        "http://127.0.0.1:1/v1 | remote.model",
        "ftp://127.0.0.1:1/v1 --remote model=m | ftp://127.0.0.1:1/v1",
        "http://127.0.0.1:1/v1 --remote model=m --remote retires=3 | remote.retires",
        "http://127.0.0.1:1/v1 --remote model=m | can't be reached"})
    void anAnswererThatIsNotThereIsNamed(String answerer, String message) {
        Ran ran = Ran.caprl(("reward-server --port 0 --answerer " + answerer).split(" "));
        assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
        assertTrue(ran.err().contains(message), ran.err());
    }

    @Test
    void aPortThatIsTakenIsNamed(@TempDir Path folder) throws IOException {
        Path model = TinyModels.answerer(folder);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ran ran = Ran.caprl("reward-server", "--answerer", model.toString(), "--port", String.valueOf(taken.getLocalPort()));
            assertEquals(ExitCode.WRONG_INPUT, ran.code(), ran.err());
            assertTrue(ran.err().contains("127.0.0.1:" + taken.getLocalPort()), ran.err());
        }
    }
}
