/**
 * Configuration: YAML and {@code key=value} into records, strictly, with every mistake reported at once; and from the same records
 * the documentation, a JSON Schema, the resolved file, and the difference of two.
 *
 * <p>For whoever defines settings: write a record, put {@link org.caprl.core.config.Key} on each component, and call
 * {@link org.caprl.core.config.ConfigReader}. The package knows no particular setting.
 */
package org.caprl.core.config;
