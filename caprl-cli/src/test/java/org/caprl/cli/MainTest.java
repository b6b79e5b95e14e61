package org.caprl.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    /** A command that fails as the test wants, beside the real ones. */
    @CommandLine.Command(name = "fail")
    private static final class Fail implements Runnable {
        private final RuntimeException failure;

        private Fail(RuntimeException failure) {
            this.failure = failure;
        }

        @Override
        public void run() {
            throw failure;
        }
    }

    private static Ran failing(RuntimeException failure, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().addSubcommand(new Fail(failure)).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] args = new String[options.length + 1];
        args[0] = "fail";
        System.arraycopy(options, 0, args, 1, options.length);
        return new Ran(command.execute(args), out.toString(), err.toString());
    }

    @Test
    void aMistakeOfTheUserIsOneMessage() {
        Ran ran = failing(new InputException("no data file x.jsonl; check the path"));
        assertEquals(new Ran(ExitCode.WRONG_INPUT, "", "caprl: no data file x.jsonl; check the path" + System.lineSeparator()), ran);
    }

    @Test
    void debugShowsTheTrace() {
        Ran ran = failing(new InputException("broken"), "--debug");
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains("at org.caprl.cli.MainTest.debugShowsTheTrace"), ran.err());
    }

    @Test
    void aRunThatStoppedByItselfHasItsOwnCode() {
        Ran ran = failing(new RunStoppedException("the loss is NaN"));
        assertEquals(new Ran(ExitCode.RUN_STOPPED, "", "caprl: the loss is NaN" + System.lineSeparator()), ran);
    }

    @Test
    void aDefectIsNotTakenForAFailedCheck() {
        Ran ran = failing(new IllegalStateException("impossible"));
        assertEquals(ExitCode.DEFECT, ran.code());
        assertTrue(ran.err().contains("IllegalStateException: impossible"), ran.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "config --nonsense", "data", "data synth", "data synth --out x --train many --eval 1",
        "config --schema --resolve x"})
    void wrongUsageIsTwo(String line) {
        Ran ran = Ran.caprl(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains("Usage: caprl"), ran.err());
        assertEquals("", ran.out());
    }

    @Test
    void aCommandThatIsNotThereIsTwo() {
        Ran ran = Ran.caprl("doktor");
        assertEquals(ExitCode.WRONG_INPUT, ran.code());
        assertTrue(ran.err().contains("'doktor'") && ran.err().contains("caprl doctor"), ran.err());
    }

    @Test
    void everyCommandHasHelp() {
        everyCommand(Main.commandLine(), "");
    }

    private static void everyCommand(CommandLine command, String path) {
        command.getSubcommands().forEach((name, sub) -> {
            String full = (path + " " + name).strip();
            Ran ran = Ran.caprl((full + " --help").split(" "));
            assertEquals(ExitCode.DONE, ran.code(), full);
            assertTrue(ran.out().startsWith("Usage: caprl " + full), ran.out());
            assertFalse(sub.getCommandSpec().usageMessage().description().length == 0, full + " has no description");
            everyCommand(sub, full);
        });
    }

    @Test
    void theFirstScreenNamesEveryCommand() {
        String help = Ran.caprl("--help").out();
        assertTrue(help.lines().count() <= 40, help);
        Main.commandLine().getSubcommands().keySet().forEach(name -> assertTrue(help.contains("\n  " + name + " "), name));
    }

    @Test
    void versionNamesTheJvm() {
        assertTrue(Ran.caprl("--version").out().contains("Java " + Runtime.version()));
    }
}
