package org.caprl.cli;

import java.util.List;
import org.caprl.core.machine.MachineReport;
import org.caprl.trainer.bench.CaseResult;

/**
 * What {@code caprl bench} found.
 *
 * @param machine as {@code caprl doctor} describes it, with its rates of matrix products and memory
 * @param cases results, in the order of measurement
 */
record BenchReport(MachineReport machine, List<CaseResult> cases) {
}
