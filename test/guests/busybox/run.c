/* Runs the shell script that is named as this program is, with `.sh` behind: the test kernel starts nothing that is no ELF file. */
int main(int count, char **words, char **environment)
{
	static char script[64];
	char *command[16] = { "busybox", "sh", script };

	strlcpy(script, words[0], sizeof(script) - 3);
	strlcat(script, ".sh", sizeof(script));
	for (int i = 1; i < count && i + 3 < 16; i++)
		command[i + 2] = words[i];
	execve("/bin/busybox", command, environment);
	return 1;
}
