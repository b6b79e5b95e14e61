package org.caprl.trainer.submit;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A job as the job server describes it.
 *
 * @param id its submission id
 * @param status {@code PENDING}, {@code RUNNING}, {@code STOPPED}, {@code SUCCEEDED} or {@code FAILED}
 * @param entrypoint command line
 * @param message more on the status
 * @param errorType kind of failure; null without one
 * @param startTime milliseconds since 1970; null if unknown
 * @param endTime likewise, of the end
 * @param exitCode of the command; null while it runs and if it never ran
 * @param node id of the node that the driver runs on; null if none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record JobInfo(@JsonProperty("submission_id") String id, @JsonProperty("status") String status,
        @JsonProperty("entrypoint") String entrypoint, @JsonProperty("message") String message,
        @JsonProperty("error_type") String errorType, @JsonProperty("start_time") Long startTime, @JsonProperty("end_time") Long endTime,
        @JsonProperty("driver_exit_code") Integer exitCode, @JsonProperty("driver_node_id") String node) {
    private static final int STOPPED_BY_SIGNAL = 143;
    private static final int NEVER_RAN = 3;

    /** Whether the status is final. */
    public boolean ended() {
        return status.equals("STOPPED") || status.equals("SUCCEEDED") || status.equals("FAILED");
    }

    /** What the process that follows the job ends with: the job's own code, 143 if it was stopped, 3 if it never ran. */
    public int code() {
        return exitCode != null ? exitCode < 0 ? 128 - exitCode : exitCode
                : switch (status) {
                    case "SUCCEEDED" -> 0;
                    case "STOPPED" -> STOPPED_BY_SIGNAL;
                    default -> NEVER_RAN;
                };
    }
}
