package org.caprl.cli;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;

import java.io.PrintWriter;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.trainer.launch.StoppedBySignalException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code caprl} command: its subcommands, and what the process says and returns when one of them fails. */
@Command(name = "caprl",
        description = "Teaches vision-language models captions that answer questions about the image.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Main.Version.class,
        sortOptions = false,
        subcommands = {TrainCommand.class, EvalCommand.class, CaptionCommand.class, SftCommand.class, InitCommand.class,
            EvalAnswererCommand.class, RewardCommand.class, RewardServerCommand.class, DataCommand.class, ExportCommand.class,
            ConfigCommand.class, DoctorCommand.class, ParityCommand.class, BenchCommand.class, RayCommand.class,
            SubmitCommand.class},
        commandListHeading = "",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nStart here:%n",
        footer = {
            "  caprl doctor                     what this machine can do",
            "  caprl train configs/smoke.yaml   a whole run in minutes",
            "  caprl COMMAND --help             a command's options, with examples",
            "%nExit codes: 0 done, 1 check failed, 2 wrong input, 3 stopped by itself."})
public final class Main implements Runnable {
    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help.")
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version.")
    private boolean version;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    private Main() {
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Main());
        command.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, new CommandSections());
        return command
                .setUsageHelpLongOptionsMaxWidth(30)
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::report);
    }

    /** Without a command there is nothing to do: the help, as a usage error. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
    }

    private static int report(Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        Main main = (Main) command.getCommandSpec().root().userObject();
        int code = switch (failure) {
            case InputException _ -> ExitCode.WRONG_INPUT;
            case RunStoppedException _ -> ExitCode.RUN_STOPPED;
            case StoppedBySignalException s -> ExitCode.SIGNAL + s.signal();
            default -> ExitCode.DEFECT;
        };
        if (code == ExitCode.DEFECT) {
            err.println("caprl: a defect of this program, please report it with these lines:");
            failure.printStackTrace(err);
        } else {
            err.println("caprl: " + failure.getMessage());
            if (main.debug) {
                failure.printStackTrace(err);
            }
        }
        err.flush();
        return code;
    }

    /** The version that the build wrote into the jar, and the JVM. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String built = Main.class.getPackage().getImplementationVersion();
            return new String[] {"caprl " + (built == null ? "(not from a jar)" : built), "Java " + Runtime.version()};
        }
    }
}
