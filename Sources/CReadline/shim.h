// GNU readline, with its globals behind functions: Swift does not read C globals.
#pragma once
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readline/readline.h>
#include <readline/history.h>

typedef char **(*placet_completion)(const char *text, int start, int end);

static volatile sig_atomic_t placet_interrupted_flag = 0;

// Whether the last read was ended by Ctrl-C; a Ctrl-C right after it is for the evaluation.
static volatile sig_atomic_t placet_read_ended_flag = 0;

static inline void placet_on_interrupt(int signal) {
  (void)signal;
  placet_interrupted_flag = 1;
}

// Runs inside the read when a signal arrived: ends it with an empty line, on a line of its own.
static inline int placet_end_read(void) {
  if (placet_interrupted_flag) {
    placet_read_ended_flag = 1;
    rl_replace_line("", 0);
    rl_crlf();
    rl_done = 1;
  }
  return 0;
}

static inline void placet_readline_prepare(placet_completion complete, const char *breaks) {
  rl_readline_name = "placet";
  rl_attempted_completion_function = complete;
  rl_completer_word_break_characters = strdup(breaks);
  rl_completion_append_character = '\0';
  rl_catch_signals = 0;
  rl_signal_event_hook = placet_end_read;
  // With timestamps an entry of several lines comes back from the file as one.
  history_comment_char = '#';
  history_write_timestamps = 1;
  rl_variable_bind("enable-bracketed-paste", "on");
  rl_variable_bind("blink-matching-paren", "off");
}

// From now on Ctrl-C sets a flag, for the read and for whoever evaluates.
static inline void placet_catch_interrupts(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = placet_on_interrupt;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
}

static inline int placet_interrupted(void) { return placet_interrupted_flag; }
static inline void placet_clear_interrupt(void) { placet_interrupted_flag = 0; }
static inline int placet_read_was_interrupted(void) { return placet_read_ended_flag; }

static inline char *placet_readline(const char *prompt) {
  placet_interrupted_flag = 0;
  placet_read_ended_flag = 0;
  return readline(prompt);
}
static inline const char *placet_line_buffer(void) { return rl_line_buffer; }
static inline void placet_no_default_completion(void) { rl_attempted_completion_over = 1; }

// The statement remembered last, or NULL.
static inline const char *placet_last_history(void) {
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  return last ? last->line : NULL;
}
