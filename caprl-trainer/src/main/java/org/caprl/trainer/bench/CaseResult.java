package org.caprl.trainer.bench;

import java.util.Map;

/**
 * What a case took.
 *
 * @param definition the case
 * @param model its folder; empty where weights were made in memory
 * @param inputs what its numbers don't tell
 * @param idLimit random ids are below it
 * @param lengths that were really computed
 * @param unit what is counted
 * @param perSecond of these, by the median time
 * @param times the repetitions
 * @param figures more numbers, by name with unit
 * @param profile where the time of further repetitions went; null if not asked for
 */
public record CaseResult(BenchCase definition, String model, CaseRun.Inputs inputs, int idLimit, CaseRun.Lengths lengths, String unit,
        double perSecond, RepeatedTimes times, Map<String, Double> figures, OpProfile profile) {
}
