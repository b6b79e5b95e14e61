package org.caprl.core.generate;

import java.util.List;

/**
 * What a request gave.
 *
 * @param request the request
 * @param captions one a branch, in their order
 */
public record GenerationResult(GenerationRequest request, List<Caption> captions) {
}
