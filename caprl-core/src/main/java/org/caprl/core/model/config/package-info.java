/**
 * Numbers of a model from its {@code config.json}: the keys of the {@code transformers} configuration classes, and their defaults where the
 * file is silent. Each family states its defaults as data and reads what only it has.
 */
package org.caprl.core.model.config;
