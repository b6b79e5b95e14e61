package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.caprl.core.InputException;
import org.caprl.rollout.cluster.LocalCluster;
import org.caprl.rollout.cluster.RayEnvironment;
import org.caprl.trainer.submit.JobInfo;
import org.caprl.trainer.submit.JobServer;
import org.caprl.trainer.submit.Submission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl submit}: a run as a job of a Ray cluster. */
@Command(name = "submit",
        description = "Trains as a job of a Ray cluster: sends it, follows it, stops it.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl submit run.yaml --address http://head:8265 --follow run.output=/shared/runs",
            "  caprl submit --status ID --follow", "  caprl submit --stop ID",
            "%nWith --follow it ends with the job's exit code; 143 for a job that was stopped, 3 for one that could not start."})
final class SubmitCommand implements Callable<Integer> {
    @Parameters(index = "0", arity = "0..1", paramLabel = "CONFIG", description = "YAML file of `caprl train`.")
    private Path config;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = "Overrides of the file's keys.")
    private List<String> overrides = List.of();

    @Option(names = "--address", paramLabel = "URL",
            description = "Of the cluster's dashboard (default: RAY_API_SERVER_ADDRESS, or else that of `caprl ray up`).")
    private String address;

    @Option(names = "--follow", description = "Print what the job prints until it ends. Ctrl-C ends the printing, not the job.")
    private boolean follow;

    @Option(names = "--installed", paramLabel = "DIR",
            description = "CapRL of the nodes to run with; nothing but the configuration is sent.")
    private String installed;

    @Option(names = "--status", paramLabel = "ID", description = "Say how a job is; with --follow, print its log.")
    private String status;

    @Option(names = "--stop", paramLabel = "ID", description = "Stop a job, and wait for its end.")
    private String stop;

    @Option(names = "--json", description = "JSON on standard output; the log goes to the error output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form. Code is null while the job runs. */
    private record Output(String id, String status, Integer code, String message, String errorType, Long startTime, Long endTime,
            String entrypoint) {
        private static Output of(JobInfo info) {
            return new Output(info.id(), info.status(), info.ended() ? info.code() : null, info.message(), info.errorType(),
                    info.startTime(), info.endTime(), info.entrypoint());
        }
    }

    @Override
    public Integer call() {
        if (Stream.of(config, status, stop).filter(given -> given != null).count() != 1) {
            throw new ParameterException(spec.commandLine(), "Expected one of CONFIG, --status ID and --stop ID");
        }
        Path home = RayEnvironment.home();
        JobServer server = JobServer.open(address(), RayEnvironment.pinnedVersion(home));
        Submission submission = new Submission(server, this::say);
        if (stop != null) {
            print(submission.stop(stop));
            return ExitCode.DONE;
        }
        String id = status;
        if (config != null) {
            id = submission.submit(config, overrides, home, Optional.ofNullable(installed));
            say("submit: the job is " + id);
        }
        if (!follow) {
            if (config != null && !json) {
                say("submit: follow it with `caprl submit --status " + id + " --follow --address " + server.address() + "`");
            } else {
                print(server.info(id));
            }
            return ExitCode.DONE;
        }
        JobInfo info = followed(submission, server, id);
        print(info);
        return info.code();
    }

    private String address() {
        return Optional.ofNullable(address)
                .or(() -> Optional.ofNullable(System.getenv("RAY_API_SERVER_ADDRESS")).filter(a -> !a.isBlank()))
                .or(() -> LocalCluster.ofUser().status().map(s -> s.state().dashboard()))
                .orElseThrow(() -> new InputException("no cluster is named: give --address http://HOST:8265, set RAY_API_SERVER_ADDRESS, "
                        + "or start one on this machine with `caprl ray up`"));
    }

    private JobInfo followed(Submission submission, JobServer server, String id) {
        Thread goesOn = new Thread(() -> say("\nsubmit: the job goes on; to stop it: caprl submit --stop " + id
                + " --address " + server.address()));
        Runtime.getRuntime().addShutdownHook(goesOn);
        try {
            PrintWriter out = json ? spec.commandLine().getErr() : spec.commandLine().getOut();
            return submission.follow(id, text -> {
                out.print(text);
                out.flush();
            });
        } finally {
            Runtime.getRuntime().removeShutdownHook(goesOn);
        }
    }

    private void print(JobInfo info) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(JsonOutput.of(Output.of(info)));
        } else {
            out.println("job " + info.id() + ": " + info.status() + (info.ended() ? ", code " + info.code() : "")
                    + (info.status().equals("FAILED") && info.exitCode() == null ? "\n" + info.message() : ""));
        }
        out.flush();
    }

    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
