/*
 * Preloaded into programs of sg3-utils, it takes a plain file for a SCSI device. What they send goes to the file
 * sent-<operation code> in the folder SG_DEVICE: the CDB, then the data. The answer is read from answer-<operation code>: the
 * status, then the data; without that file it is GOOD. An answer to one CDB alone is in answer-<all its bytes>; after CHECK
 * CONDITION follow sense data in place of data.
 */
#define _GNU_SOURCE
#include <scsi/sg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *file(const char *what, unsigned char operation, const char *mode)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s-%02x", getenv("SG_DEVICE"), what, operation);
	return fopen(path, mode);
}

static FILE *answer_to(const sg_io_hdr_t *header)
{
	char path[4096];
	int at = snprintf(path, sizeof(path), "%s/answer-", getenv("SG_DEVICE"));
	FILE *found;

	for (int i = 0; i < header->cmd_len; i++)
		at += snprintf(path + at, sizeof(path) - at, "%02x", header->cmdp[i]);
	found = fopen(path, "r");
	return found ? found : file("answer", header->cmdp[0], "r");
}

static void carry_out(sg_io_hdr_t *header)
{
	FILE *sent = file("sent", header->cmdp[0], "w");
	FILE *answer = answer_to(header);

	fwrite(header->cmdp, 1, header->cmd_len, sent);
	if (header->dxfer_direction == SG_DXFER_TO_DEV)
		fwrite(header->dxferp, 1, header->dxfer_len, sent);
	fclose(sent);
	header->status = answer ? fgetc(answer) : 0;
	header->resid = header->dxfer_len;
	if (answer && header->status == 2)
		header->sb_len_wr = fread(header->sbp, 1, header->mx_sb_len, answer);
	else if (answer && header->dxfer_direction == SG_DXFER_FROM_DEV)
		header->resid -= fread(header->dxferp, 1, header->dxfer_len, answer);
	if (answer)
		fclose(answer);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	void *argument;

	va_start(rest, request);
	argument = va_arg(rest, void *);
	va_end(rest);
	if (request != SG_IO)
		return syscall(SYS_ioctl, fd, request, argument);
	carry_out(argument);
	return 0;
}
